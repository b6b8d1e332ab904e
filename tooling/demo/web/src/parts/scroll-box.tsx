import type { ReactNode } from 'react'

/** An area that scrolls, also by keyboard. */
export function ScrollBox({
  label,
  className,
  children,
}: {
  /** Its name for screen readers. */
  label: string
  className: string
  children: ReactNode
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: only a focused element scrolls by keyboard in every browser
    <section className={`scrolls ${className}`} aria-label={label} tabIndex={0}>
      {children}
    </section>
  )
}
