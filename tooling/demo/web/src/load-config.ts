/** What the page must be told: which domain it is for, and which of the domain's applications it is. */
export interface Config {
  api_endpoint: string
  client_id: string
}

/** Reads the configuration that the page is deployed with. It holds no secret. */
export async function loadConfig(): Promise<Config> {
  const response = await fetch('/config.json')
  if (!response.ok) throw new Error(`config.json: status ${response.status}`)
  return response.json()
}
