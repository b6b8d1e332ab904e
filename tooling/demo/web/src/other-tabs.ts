/** What a tab tells the others. It contains no token: the others ask the back end. */
export type TabMessage =
  | { readonly type: 'signed_in'; readonly user_id: string | undefined }
  | { readonly type: 'signed_out' | 'renewed' }

const channel = new BroadcastChannel('my-drive')

/** Tells the other tabs of this browser what this tab has changed. */
export function tellOtherTabs(message: TabMessage): void {
  channel.postMessage(message)
}

/** Calls a listener with each message of another tab. Returns a function that removes it. */
export function onOtherTab(listener: (message: TabMessage) => void): () => void {
  const listen = ({ data }: MessageEvent<TabMessage>) => listener(data)
  channel.addEventListener('message', listen)
  return () => channel.removeEventListener('message', listen)
}
