/** Writes the address of the sign-in page to the standard error, or why no browser shows it. */
export function printAddress({ url, reason }: { url: string; reason?: Error | undefined }): void {
  process.stderr.write(
    reason
      ? // Below a prompt for the pasted address.
        `\nNo browser was opened: ${reason.message}\nOpen the address above yourself.\n`
      : `To sign in, open this address in a browser:\n${url}\n`,
  )
}
