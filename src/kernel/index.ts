/**
 * The Jupyter kernel: installation, and a client that starts it and sends requests. Cheap to import: only the kernel's
 * process loads TypeScript's compiler.
 */
import type { KernelClient, KernelOptions } from "./client.js";
import type { DoctorFinding } from "./install/doctor.js";
import type { InstallPlace } from "./install/places.js";

export type { KernelClient, KernelOptions } from "./client.js";
export type { DoctorFinding } from "./install/doctor.js";
export type { InstallPlace } from "./install/places.js";
export { kernelDisplayName, kernelSpecName, notebookKernelspec } from "./kernelspec.js";
export { kernelInfo } from "./process/messages/info.js";
export { hasChanges } from "./provenance/changes.js";
export { OpenedFiles, shownPath } from "./provenance/files.js";
export type { DataRecord, Provenance, Surroundings, Used } from "./provenance/record.js";
export { readRepository } from "./provenance/repository.js";
export { surroundings } from "./provenance/surroundings.js";
export type { Message } from "./wire.js";

/** Starts a kernel and waits until it answers; see `client.ts`. */
export async function startKernel(options: KernelOptions): Promise<KernelClient> {
  return (await import("./client.js")).KernelClient.start(options);
}

/** Installs the kernel for Jupyter; see `install/install.ts`. */
export async function installKernel(place: InstallPlace = {}): Promise<string[]> {
  return (await import("./install/install.js")).installKernel(place);
}

/** Removes what {@link installKernel} wrote; see `install/install.ts`. */
export async function uninstallKernel(place: InstallPlace = {}): Promise<string[]> {
  return (await import("./install/install.js")).uninstallKernel(place);
}

/** Checks an installed kernel and suggests fixes; see `install/doctor.ts`. */
export async function examineKernel(place: InstallPlace = {}): Promise<DoctorFinding[]> {
  return (await import("./install/doctor.js")).examineKernel(place);
}
