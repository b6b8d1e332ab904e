const paths = {
  lock: 'M6 9V6.5a4 4 0 0 1 8 0V9M4.5 9h11v8h-11zM10 12v2',
  renew: 'M16 6.5A7 7 0 1 0 17 10M16.5 3v4h-4',
  info: 'M10 9.5V14M10 6.2v.1M17 10a7 7 0 1 1-14 0 7 7 0 0 1 14 0z',
  open: 'M8 5H5v10h10v-3M11 4.5h4.5V9M15 5l-6 6',
  close: 'M5.5 5.5l9 9M14.5 5.5l-9 9',
  arrow: 'M4 10h11M11 5.5l4.5 4.5-4.5 4.5',
  warning: 'M10 3.5l7.5 13h-15zM10 8.5v3.5M10 14.2v.1',
} as const

/** A decorative icon. */
export function Icon({ name }: { name: keyof typeof paths }) {
  return (
    <svg className="icon" viewBox="0 0 20 20" aria-hidden="true">
      <path d={paths[name]} />
    </svg>
  )
}
