import { usePdsFetch } from '@pds/react'
import { useEffect, useState } from 'react'

export function UserName({ api_endpoint }: { api_endpoint: string }) {
  const pdsFetch = usePdsFetch()
  const [name, setName] = useState('')
  useEffect(() => {
    const controller = new AbortController()
    pdsFetch(`${api_endpoint}/v2/user/get`, { method: 'POST', signal: controller.signal })
      .then((response) => response.json())
      .then(({ user_name }) => setName(user_name))
      .catch(() => undefined)
    return () => controller.abort()
  }, [pdsFetch, api_endpoint])
  return <p>{`Hello ${name}`}</p>
}
