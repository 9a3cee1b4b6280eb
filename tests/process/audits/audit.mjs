// Runs every audit against the server at this address; prints those that are not well, and how many there were.
import { auditServer } from "graphql-http";

const audits = await auditServer({ url: process.argv[2], fetchFn: fetch });
const bad = audits.filter((audit) => audit.status !== "ok");
for (const { status, name, reason } of bad) {
  console.log(`${status}: ${name}: ${reason}`);
}
console.log(`${audits.length - bad.length} of ${audits.length} audits are well`);
