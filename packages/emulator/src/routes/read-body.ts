/** The largest body that is read, in bytes. The vendor does not say which one the service reads. */
const mostBytes = 1_000_000

/** Reads a request's body; of one that is larger than 1 MB no more than that is read, and none is given. */
export async function readBody(request: Request): Promise<string | undefined> {
  if (Number(request.headers.get('content-length')) > mostBytes) return undefined
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for await (const bytes of request.body ?? []) {
    size += bytes.length
    if (size > mostBytes) return undefined
    text += decoder.decode(bytes, { stream: true })
  }
  return text + decoder.decode()
}
