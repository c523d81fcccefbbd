/**
 * The Jupyter kernel: installation, and a client that starts it and sends requests. Cheap to import: only the kernel's
 * process loads TypeScript's compiler.
 */
import type { KernelClient, KernelOptions } from "./client.js";
import type { DoctorFinding, InstallPlace } from "./doctor.js";

export type { KernelClient, KernelOptions } from "./client.js";
export type { DoctorFinding, InstallPlace } from "./doctor.js";
export {
  type DataRecord,
  OpenedFiles,
  type Provenance,
  type Surroundings,
  shownPath,
  surroundings,
  type Used,
} from "./opened-files.js";
export { kernelInfo } from "./process/comms.js";
export { hasChanges, readRepository } from "./repository.js";
export { kernelDisplayName, kernelSpecName, type Message, notebookKernelspec } from "./wire.js";

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
