/** The official operations, which are sent by their hashes alone. */

let hashes = null;

/** The hash of the operation with this name; the list of all is fetched once. */
export async function hashOf(operation) {
  hashes ??= fetchHashes();
  try {
    return (await hashes)[operation];
  } catch (error) {
    hashes = null;
    throw error;
  }
}

/** After the server was updated, an operation may have another hash. */
export function forgetHashes() {
  hashes = null;
}

async function fetchHashes() {
  const response = await fetch("/operations.json", { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) {
    throw new Error(`HTTP ${response.status}`);
  }
  return response.json();
}
