/** The part of the runtime's WebAssembly interface that the search uses; TypeScript declares it only together with a browser's. */
export interface SharedWasmMemory {
  readonly buffer: SharedArrayBuffer;
}

export interface PrivateWasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Memory: new (size: { initial: number; maximum?: number; shared?: boolean }) => object;
  readonly Instance: new (module: object, imports: { e: { index: object; scratch: object } }) => { readonly exports: object };
};

/** Memory that threads share; it never grows. */
export function makeSharedMemory(pages: number): SharedWasmMemory {
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }) as SharedWasmMemory;
}

/** Memory of one thread. */
export function makePrivateMemory(pages: number): PrivateWasmMemory {
  return new WebAssembly.Memory({ initial: pages }) as PrivateWasmMemory;
}

export function compileModule(bytes: Uint8Array): object {
  return new WebAssembly.Module(bytes);
}

export function instantiate(module: object, index: SharedWasmMemory, scratch: PrivateWasmMemory): object {
  return new WebAssembly.Instance(module, { e: { index, scratch } }).exports;
}
