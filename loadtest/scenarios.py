"""The load scenarios: one configuration folder each, and the request that wrk and k6 send. Both tools read what this writes.

Folders are in the same APIOps layout as any other configuration; keys and tokens protect nothing.
"""
import base64
import hashlib
import hmac
import json
import os

JWT_KEY = b"loadtest-signing-key-of-32-bytes"
SUBSCRIPTIONS = 1000
# k6 always sends one and writes it first, the others by name: so do the scenarios, that both tools send the same bytes.
AGENT = {"User-Agent": "load"}

SPECIFICATION = """openapi: 3.0.1
info: { title: load, version: '1' }
paths:
  /items/{id}:
    get:
      operationId: get-item
      parameters: [ { name: id, in: path, required: true, schema: { type: string } } ]
      responses: { '200': { description: ok } }
"""

CHAIN_POLICY = """<policies>
    <inbound>
        <base />
        <rate-limit-by-key calls="100000000" renewal-period="60" counter-key="@(context.Subscription.Id)" />
        <set-header name="X-Caller" exists-action="override">
            <value>@(context.Subscription.Id + "/" + context.Request.Headers.GetValueOrDefault("User-Agent", "none"))</value>
        </set-header>
        <set-header name="X-Environment" exists-action="override">
            <value>load</value>
        </set-header>
        <set-header name="X-Remove" exists-action="delete" />
        <rewrite-uri template="/stored/{id}" />
    </inbound>
    <backend><base /></backend>
    <outbound><base /></outbound>
    <on-error><base /></on-error>
</policies>
"""

JWT_POLICY = """<policies>
    <inbound>
        <base />
        <validate-jwt header-name="Authorization" require-scheme="Bearer">
            <issuer-signing-keys><key>%s</key></issuer-signing-keys>
            <audiences><audience>load</audience></audiences>
        </validate-jwt>
    </inbound>
    <backend><base /></backend>
    <outbound><base /></outbound>
    <on-error><base /></on-error>
</policies>
""" % base64.b64encode(JWT_KEY).decode()


def b64url(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token():
    """A token that stays valid for the life of these tests."""
    head = b64url(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    claims = b64url(json.dumps({"aud": "load", "sub": "tester", "exp": 4102444800}).encode())
    mark = b64url(hmac.new(JWT_KEY, f"{head}.{claims}".encode(), hashlib.sha256).digest())
    return f"{head}.{claims}.{mark}"


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text if isinstance(text, str) else json.dumps({"properties": text}))


def base_folder(folder, backend, **api):
    write(f"{folder}/apis/load/apiInformation.json",
          {"displayName": "load", "path": "load", "protocols": ["http"], "serviceUrl": backend, "subscriptionRequired": False} | api)
    write(f"{folder}/apis/load/specification.yaml", SPECIFICATION)


def pass_through(folder, backend):
    base_folder(folder, backend)
    return dict(AGENT)


def chain(folder, backend):
    base_folder(folder, backend, subscriptionRequired=True)
    write(f"{folder}/apis/load/policy.xml", CHAIN_POLICY)
    for n in range(SUBSCRIPTIONS):
        write(f"{folder}/subscriptions/s{n:04}/subscriptionInformation.json",
              {"displayName": f"s{n:04}", "scope": "/apis/load", "state": "active", "primaryKey": f"primary-key-{n:04}", "secondaryKey": f"secondary-key-{n:04}"})
    return AGENT | {"Ocp-Apim-Subscription-Key": "primary-key-0777", "X-Remove": "me"}


def jwt(folder, backend):
    base_folder(folder, backend)
    write(f"{folder}/apis/load/policy.xml", JWT_POLICY)
    return AGENT | {"Authorization": f"Bearer {token()}"}


def many_apis(folder, count, operations=10):
    """APIs with a policy of their own each; no two policies are the same text."""
    lines = ["openapi: 3.0.1", "info: { title: load, version: '1' }", "paths:"]
    for n in range(operations):
        lines += [f"  /items{n}/{{id}}:", "    get:", f"      operationId: get-item{n}",
                  "      parameters: [ { name: id, in: path, required: true, schema: { type: string } } ]",
                  "      responses: { '200': { description: ok } }"]
    specification = "\n".join(lines) + "\n"
    for n in range(count):
        name = f"api{n:04}"
        write(f"{folder}/apis/{name}/apiInformation.json",
              {"displayName": name, "path": name, "protocols": ["http"], "serviceUrl": "http://127.0.0.1:9", "subscriptionRequired": False})
        write(f"{folder}/apis/{name}/specification.yaml", specification)
        write(f"{folder}/apis/{name}/policy.xml", CHAIN_POLICY.replace("<value>load</value>", f"<value>{name}</value>"))


SCENARIOS = {"pass-through": pass_through, "chain": chain, "jwt": jwt}
PATH = "/load/items/42"


def valid_change(folder, turn):
    """A policy that stamps the turn on each reply, so that a reload can be seen from outside."""
    write(f"{folder}/apis/load/policy.xml", f"""<policies>
    <inbound><base /></inbound>
    <backend><base /></backend>
    <outbound><base /><set-header name="X-Turn" exists-action="override"><value>{turn}</value></set-header></outbound>
    <on-error><base /></on-error>
</policies>
""")


def broken_change(folder, turn):
    """A policy that must be refused."""
    write(f"{folder}/apis/load/policy.xml", f"<policies>\n    <inbound><set-headers turn=\"{turn}\" /></inbound>\n</policies>\n")
