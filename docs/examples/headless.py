"""A sensor or script sends a reading to the form "Well" with an API key, and sends it again: it is stored once.

    pip install requests
    FIELDPOST_URL=http://127.0.0.1:8787 FIELDPOST_API_KEY=qb_... python3 headless.py
"""

import os
import sys
import uuid
from datetime import datetime, timezone

import requests

API = os.environ["FIELDPOST_URL"].rstrip("/") + "/api/v1"
session = requests.Session()
session.headers["X-API-Key"] = os.environ["FIELDPOST_API_KEY"]


def call(method, path, **options):
    response = session.request(method, API + path, timeout=30, **options)
    if not response.ok:
        # A sentence, or the list of all that is wrong with the answers.
        sys.exit(f"{response.status_code}: {response.json()['detail']}")
    return response.json()


# The published forms that the key reaches, and what the one at hand asks for.
forms = call("GET", "/headless/forms")
form = next((form for form in forms if form["name"] == "Well"), None)
if form is None:
    sys.exit("The key reaches no published form with the name Well.")
definition = call("GET", f"/headless/forms/{form['id']}/schema")
print(f"{definition['name']}, version {definition['version_num']}")
for field in definition["schema"]["fields"]:
    print(f"  {field['id']}: {field['type']}{', required' if field.get('required') else ''}")

# The local_uuid is made once for each reading and kept with it. Whoever gets no answer sends the same again.
reading = {
    "form_id": form["id"],
    "local_uuid": str(uuid.uuid4()),
    "collected_at": datetime.now(timezone.utc).isoformat(),
    "data_json": {"village": "Fatick", "depth": 31.5},
}
for attempt in ("sent", "sent again"):
    answer = call("POST", "/headless/submit", json=reading)
    print(f"{attempt}: {answer['status']}, {answer['id']}")
