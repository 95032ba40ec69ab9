// The page's side of OPAQUE for the tests: reads `[name, parameters]` lines, calls the client's function of that name,
// and writes what it returns. The first argument is where the library is.
import { createInterface } from "node:readline";

const { client, ready } = await import(process.argv[2]);
await ready;
for await (const line of createInterface({ input: process.stdin })) {
  const [name, parameters] = JSON.parse(line);
  console.log(JSON.stringify(client[name](parameters) ?? null));
}
