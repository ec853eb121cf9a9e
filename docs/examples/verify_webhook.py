"""Receives the deliveries of a webhook and believes only those that Fieldpost has signed.

    WEBHOOK_SECRET=whsec_... PORT=8080 python3 verify_webhook.py
"""

import base64
import hashlib
import hmac
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

secret = os.environ["WEBHOOK_SECRET"]
# A secret that the server made is whsec_ and base64; of any other text the bytes themselves are the key.
key = base64.b64decode(secret[6:]) if secret.startswith("whsec_") else secret.encode()


def is_genuine(headers, body):
    """Whether these bytes were signed with the secret in the last five minutes. `body` must be the bytes as they came."""
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > 300:
        return False
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    # After a change of the secret there are two signatures for a day; one that fits is enough.
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(entry.encode(), expected.encode()) for entry in given)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if not is_genuine(self.headers, body):
            self.send_response(401)
        else:
            # The same webhook-id may come again, when our answer was lost: whoever stores things keeps the ids, too.
            print(self.headers["webhook-id"], json.loads(body)["type"], flush=True)
            self.send_response(204)
        self.end_headers()

    def log_message(self, format, *args):
        pass


server = ThreadingHTTPServer(("", int(os.environ.get("PORT", "8080"))), Receiver)
print(f"listening on port {server.server_port}", flush=True)
server.serve_forever()
