"""Fills a fresh Tryton database with the company that the demo and the tests deal with.

Idempotent: what is there is left alone. Reads Tryton's own TRYTOND_* variables, and
TRYTON_DATABASE (name), TRYTON_KEY (REST key for Omnicord), TRYTON_STAFF_KEY (REST key, and
the administrator's password, for the company's staff, who may do everything).
"""

import datetime as dt
import os
from decimal import Decimal

from proteus import Model, config
from trytond.modules.account.tests.tools import create_chart, create_fiscalyear, get_accounts
from trytond.modules.account_invoice.tests.tools import (
    create_payment_term,
    set_fiscalyear_invoice_sequences,
)
from trytond.modules.company.tests.tools import create_company, get_company

COMPANY = "Lab Commerce"
EMPLOYEES = ("Agent One", "Agent Two")
TAGS = ("VIP",)
# What Omnicord's user may do: customers and tags, complaints, leads, tasks, and reading what was
# sold.
GROUPS = (
    "party.group_party_admin",
    "sale.group_sale",
    "sale_opportunity.group_opportunity",
    "stock.group_stock",
    "account.group_account",
    "project.group_project_admin",
)
CUSTOMERS = {
    "Anna Schmidt": (
        ("email", "anna@acme.test"),
        ("mobile", "+49 151 12345678"),
        ("other", "wechat_openid:wx0123456789abcdef:oAnnaDemo"),
    ),
    "Bob Retail": (("email", "bob@retail.test"), ("phone", "+1 202 555 0123")),
    "Li Na": (
        ("email", "lina@example.com"),
        ("other", "wecom_external:ww0123456789abcdef:wmLiNaDemo"),
    ),
}


def ensure(model, domain, make):
    """Returns the record that meets the domain, made first where there is none."""
    found = Model.get(model).find(domain, limit=1)
    if found:
        return found[0]
    record = make(Model.get(model))
    record.save()
    return record


def by_xml_id(model, xml_id):
    """Returns the record that a module declares under this id."""
    number = Model.get("ir.model.data").get_id(xml_id, config.get_config().context)
    return Model.get(model)(number)


def seed_company():
    """Creates the company with its chart of accounts, and makes it everyone's own."""
    if not Model.get("company.company").find([]):
        party = ensure("party.party", [("name", "=", COMPANY)], lambda new: new(name=COMPANY))
        create_company(party=party)
        create_chart()
    company = get_company()
    for name in EMPLOYEES:
        party = ensure("party.party", [("name", "=", name)], lambda new: new(name=name))
        ensure(
            "company.employee",
            [("party", "=", party.id)],
            lambda new: new(party=party, company=company),
        )
    return company


def seed_users(company, key, staff_key):
    """Creates Omnicord's own user, lets the administrator act for the company; a key for each."""
    User = Model.get("res.user")
    staff = User.find([("login", "=", "admin")])[0]
    omnicord = ensure(
        "res.user",
        [("login", "=", "omnicord")],
        lambda new: new(name="Omnicord", login="omnicord", password=key),
    )
    held = {group.id for group in omnicord.groups}
    for group in (by_xml_id("res.group", name) for name in GROUPS):
        if group.id not in held:
            omnicord.groups.append(group)
    staff.password = staff_key
    for user, user_key in ((staff, staff_key), (omnicord, key)):
        if not user.companies:
            user.companies.append(Model.get("company.company")(company.id))
        user.company = Model.get("company.company")(company.id)
        user.save()
        ensure(
            "res.user.application",
            [("key", "=", user_key)],
            lambda new: new(key=user_key, user=user, application="rest"),
        )


def seed_accounting():
    """Opens a fiscal year around today, so that an order can be invoiced."""
    today = dt.date.today()
    if not Model.get("account.fiscalyear").find(
        [("start_date", "<=", today), ("end_date", ">=", today)]
    ):
        year = set_fiscalyear_invoice_sequences(create_fiscalyear(today=today))
        year.click("create_period")
    if not Model.get("account.invoice.payment_term").find([]):
        create_payment_term().save()


def seed_catalogue():
    """Creates what can be sold, and the kind of complaint that a ticket becomes."""
    accounts = get_accounts()
    category = ensure(
        "product.category",
        [("name", "=", "Goods")],
        lambda new: new(
            name="Goods",
            accounting=True,
            account_expense=accounts["expense"],
            account_revenue=accounts["revenue"],
        ),
    )
    unit = Model.get("product.uom").find([("name", "=", "Unit")])[0]
    for name, price in (("Blue shirt", "19.90"), ("Electric kettle", "49.00")):
        ensure(
            "product.template",
            [("name", "=", name)],
            lambda new: new(
                name=name,
                default_uom=unit,
                type="goods",
                salable=True,
                list_price=Decimal(price),
                account_category=category,
            ),
        )
    sale = Model.get("ir.model").find([("name", "=", "sale.sale")])[0]
    ensure(
        "sale.complaint.type",
        [("name", "=", "Service request")],
        lambda new: new(name="Service request", origin=sale),
    )


def seed_customers():
    """Creates the customers, and the tags that they may carry from the start."""
    for name in TAGS:
        ensure("party.category", [("name", "=", name)], lambda new: new(name=name))
    for name, mechanisms in CUSTOMERS.items():
        if Model.get("party.party").find([("name", "=", name)]):
            continue
        party = Model.get("party.party")(name=name)
        party.addresses[0].city = "Berlin"
        for kind, value in mechanisms:
            # A value that is set after the type makes the client guess another type.
            party.contact_mechanisms.new(value=value).type = kind
        party.save()


def main():
    config.set_trytond(os.environ["TRYTON_DATABASE"])
    company = seed_company()
    seed_users(company, os.environ["TRYTON_KEY"], os.environ["TRYTON_STAFF_KEY"])
    preferences = Model.get("res.user").get_preferences(True, {})
    config.get_config()._context = preferences
    seed_accounting()
    seed_catalogue()
    seed_customers()


if __name__ == "__main__":
    main()
