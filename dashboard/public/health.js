// Says on the landing page how the server is, and puts its real address into the examples.
const place = document.getElementById('health')

for (const element of document.querySelectorAll('.origin')) element.textContent = location.origin

try {
  const response = await fetch('/api/v1/health')
  const { status, database, storage } = await response.json()
  const good = status === 'ok'
  place.classList.add(good ? 'good' : 'bad')
  place.textContent = good ? 'The server is well' : `Not well: database ${database}, storage ${storage}`
} catch {
  place.classList.add('bad')
  place.textContent = 'The server does not answer'
}
