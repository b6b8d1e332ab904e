/** Returns the used bytes of the JavaScript heap and outside it. Needs `--expose-gc`. */
export function usedBytes(): number {
  const { gc } = globalThis as unknown as { gc(): void }
  // The second collection frees objects that the first one has made unreachable.
  gc()
  gc()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
