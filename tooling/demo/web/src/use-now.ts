import { useEffect, useState } from 'react'

// In milliseconds: twice a second, so that a countdown skips no second.
const interval = 500

/** Returns the time in milliseconds since the epoch. Renders the component again twice a second. */
export function useNow(): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), interval)
    return () => clearInterval(timer)
  }, [])
  return now
}
