/**
 * The Jupyter kernel: installation, and a client that starts it and sends requests. Cheap to import: only the kernel's
 * process loads TypeScript's compiler.
 */

import type { KernelClient, KernelOptions } from "./client.js";
import type { DoctorFinding } from "./doctor.js";
import type { InstallPlace } from "./places.js";

export type { KernelClient, KernelOptions } from "./client.js";
export type { DoctorFinding } from "./doctor.js";
export { kernelDisplayName, kernelSpecName, notebookKernelspec } from "./kernelspec.js";
export { OpenedFiles, shownPath } from "./opened-files.js";
export type { InstallPlace } from "./places.js";
export { kernelInfo } from "./process/replies.js";
export type { DataRecord, Provenance, Surroundings, Used } from "./provenance.js";
export { surroundings } from "./provenance.js";
export { hasChanges, readRepository } from "./repository.js";
export type { Message } from "./wire.js";

export async function startKernel(options: KernelOptions): Promise<KernelClient> {
  return (await import("./client.js")).KernelClient.start(options);
}

export async function installKernel(place: InstallPlace = {}): Promise<string[]> {
  return (await import("./install.js")).installKernel(place);
}

export async function uninstallKernel(place: InstallPlace = {}): Promise<string[]> {
  return (await import("./install.js")).uninstallKernel(place);
}

export async function examineKernel(place: InstallPlace = {}): Promise<DoctorFinding[]> {
  return (await import("./doctor.js")).examineKernel(place);
}
