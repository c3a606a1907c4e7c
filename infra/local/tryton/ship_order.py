"""Sells one thing to a customer and ships it, as the company's staff would.

Prints the order as JSON. Reads TRYTON_URL (http://host:port), TRYTON_DATABASE,
TRYTON_STAFF_KEY.
"""

import argparse
import base64
import json
import os
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

SALE_STEPS = ("quote", "confirm", "process")
SHIPMENT_STEPS = ("wait", "assign_force", "pick", "pack", "do")


def encode(value):
    """Returns the value as JSON in base64, as Tryton takes it in headers and addresses."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def call(method, path, body=None, query=()):
    """Calls Tryton's REST API in the context of the first company."""
    base = f"{os.environ['TRYTON_URL']}/{os.environ['TRYTON_DATABASE']}/rest/model"
    headers = {
        "Authorization": f"bearer {os.environ['TRYTON_STAFF_KEY']}",
        "Content-Type": "application/json",
        "X-Tryton-Context": encode({"company": 1}),
    }
    data = None if body is None else json.dumps(body).encode()
    url = f"{base}/{path}?{urlencode(query)}"
    try:
        with urlopen(Request(url, data, headers, method=method), timeout=30) as answer:
            return json.load(answer)
    except HTTPError as error:
        raise SystemExit(f"Tryton refuses {method} {path}: {error.read().decode()}") from error


def first(model, domain, *fields):
    """Returns the first record that meets the domain."""
    query = [("f", field) for field in fields] + [("d", encode(domain)), ("s", "1")]
    found = call("GET", model, query=query)
    if not found:
        raise SystemExit(f"Tryton has no {model} of {domain}: seed it first")
    return found[0]


def sell(email, product, reference):
    """Sells one piece of the product to the party that has the address; returns its id."""
    party = first("party.contact_mechanism", [["value", "=", email]], "party")["party"]
    address = first("party.address", [["party", "=", party]])["id"]
    fields = ("template.default_uom", "template.list_price")
    product = first("product.product", [["name", "=", product]], *fields)
    line = {
        "product": product["id"],
        "quantity": 1,
        "unit": product["template"]["default_uom"],
        "unit_price": product["template"]["list_price"],
    }
    order = {
        "party": party,
        "reference": reference,
        "invoice_address": address,
        "shipment_address": address,
        "lines": [["create", [line]]],
    }
    sale = call("POST", "sale.sale", order)["id"]
    for step in SALE_STEPS:
        call("POST", f"sale.sale/{sale}/{step}", {})
    return sale


def ship(sale, tracking):
    """Sends what was sold under the carrier's number, which Tryton keeps as the reference."""
    shipment = first("sale.sale", [["id", "=", sale]], "shipments")["shipments"][0]
    call("PUT", f"stock.shipment.out/{shipment}", {"reference": tracking})
    for step in SHIPMENT_STEPS:
        call("POST", f"stock.shipment.out/{shipment}/{step}", {})
    return first("stock.shipment.out", [["id", "=", shipment]], "number", "reference", "state")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--email", default="anna@acme.test", help="the customer's address")
    parser.add_argument("--product", default="Blue shirt")
    parser.add_argument("--reference", default="WEB-1001", help="the shop's order number")
    parser.add_argument("--tracking", default="00340434161094042557")
    arguments = parser.parse_args()
    sale = sell(arguments.email, arguments.product, arguments.reference)
    shipment = ship(sale, arguments.tracking)
    fields = ("number", "reference", "shipment_state", "total_amount", "party.code")
    order = first("sale.sale", [["id", "=", sale]], *fields)
    print(
        json.dumps(
            {
                "order": order["number"],
                "reference": order["reference"],
                "total": order["total_amount"]["decimal"],
                "party": order["party"]["id"],
                "party_code": order["party"]["code"],
                "shipment_state": order["shipment_state"],
                "shipment": shipment["number"],
                "tracking": shipment["reference"],
            }
        )
    )


if __name__ == "__main__":
    main()
