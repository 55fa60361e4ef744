export const METRICS_TOKEN = "metrics-token-0123456789abcdef";

/** One sample of a scraped page: `name{labels}` and its value. */
export type Samples = ReadonlyMap<string, number>;

/** Scrapes a server as Prometheus does. Throws if it does not answer with 200. */
export async function scrape(url: string): Promise<Samples> {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${METRICS_TOKEN}` } });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status}: ${text}`);
  const samples = new Map<string, number>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const end = line.lastIndexOf(" ");
    samples.set(line.slice(0, end), Number(line.slice(end + 1)));
  }
  return samples;
}
