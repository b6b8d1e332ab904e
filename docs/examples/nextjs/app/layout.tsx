import type { ReactNode } from 'react'

export const metadata = { title: 'My drive', referrer: 'no-referrer' }

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  )
}
