// Receives the deliveries of a webhook and believes only those that Fieldpost has signed.
//
//     WEBHOOK_SECRET=whsec_... PORT=8080 node verify-webhook.mjs
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'

const secret = process.env.WEBHOOK_SECRET
if (!secret) throw new Error('Set WEBHOOK_SECRET to the secret of the webhook.')
// A secret that the server made is whsec_ and base64; of any other text the bytes themselves are the key.
const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret)

/** Whether these bytes were signed with the secret in the last five minutes. `body` must be the bytes as they came. */
function isGenuine(headers, body) {
  const id = headers['webhook-id'] ?? ''
  const timestamp = headers['webhook-timestamp'] ?? ''
  if (!(Math.abs(Date.now() / 1000 - Number(timestamp)) <= 300)) return false
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(body).digest()
  // After a change of the secret there are two signatures for a day; one that fits is enough.
  return (headers['webhook-signature'] ?? '').split(' ').some((entry) => {
    const [version, signature = ''] = entry.split(',')
    const given = Buffer.from(signature, 'base64')
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
  })
}

const server = createServer(async (request, response) => {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  if (!isGenuine(request.headers, body)) return response.writeHead(401).end()
  // The same webhook-id may come again, when our answer was lost: whoever stores things keeps the ids, too.
  console.log(request.headers['webhook-id'], JSON.parse(body).type)
  response.writeHead(204).end()
})
server.listen(Number(process.env.PORT ?? 8080), () => console.log(`listening on port ${server.address().port}`))
