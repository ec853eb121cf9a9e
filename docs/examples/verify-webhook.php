<?php
// Receives the deliveries of a webhook and believes only those that Fieldpost has signed.
//
//     WEBHOOK_SECRET=whsec_... php -S 0.0.0.0:8080 verify-webhook.php

$secret = getenv('WEBHOOK_SECRET');
if (!$secret) throw new Exception('Set WEBHOOK_SECRET to the secret of the webhook.');
// A secret that the server made is whsec_ and base64; of any other text the bytes themselves are the key.
$key = str_starts_with($secret, 'whsec_') ? base64_decode(substr($secret, 6)) : $secret;

/** Whether these bytes were signed with the secret in the last five minutes. $body must be the bytes as they came. */
function is_genuine(string $key, array $headers, string $body): bool
{
    $id = $headers['webhook-id'] ?? '';
    $timestamp = $headers['webhook-timestamp'] ?? '';
    if (!ctype_digit($timestamp) || abs(time() - (int) $timestamp) > 300) return false;
    $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $key, true));
    // After a change of the secret there are two signatures for a day; one that fits is enough.
    foreach (explode(' ', $headers['webhook-signature'] ?? '') as $given) {
        if (hash_equals($expected, $given)) return true;
    }
    return false;
}

$headers = array_change_key_case(getallheaders());
$body = file_get_contents('php://input');
if (!is_genuine($key, $headers, $body)) {
    http_response_code(401);
    return;
}
// The same webhook-id may come again, when our answer was lost: whoever stores things keeps the ids, too.
error_log($headers['webhook-id'] . ' ' . json_decode($body)->type);
http_response_code(204);
