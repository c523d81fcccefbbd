// Development only: tslab asks for its own copy of TypeScript 5.0.4 (38 MB). The kernel gives it the current compiler
// instead (src/kernel/compiler/typescript.ts), so nothing of that copy is ever loaded.
throw new Error("tslab was loaded before the kernel gave it a compiler");
