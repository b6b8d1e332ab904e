/** Does something so many times, so many of them at a time: the next one begins where one has ended. */
export async function atATime(times: number, atOnce: number, run: () => Promise<unknown>): Promise<void> {
  let begun = 0
  const lane = async () => {
    while (begun < times) {
      begun++
      await run()
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
}
