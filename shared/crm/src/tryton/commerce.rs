//! Sales, shipments and invoices of a party.

use super::Tryton;
use super::client::Search;
use super::wire::{
    AccountInvoice, AccountInvoiceState, Currency, Record, Sale, SaleInvoiceState,
    SaleShipmentState, SaleState, ShipmentOut, ShipmentOutState,
};
use crate::{
    Commerce, ContactId, CrmError, Invoice, InvoiceState, Money, Order, OrderState, Progress,
    Shipment, ShipmentState,
};
use serde_json::{Value, json};

const MOST: usize = 50;

impl Commerce for Tryton {
    async fn orders(&self, contact: &ContactId) -> Result<Vec<Order>, CrmError> {
        let party = self.current(contact).await?.id;
        let domain = json!([["party", "=", party], ["company", "=", self.company]]);
        let sales = self.newest::<Sale>(domain, |sale| sale.party == party).await?;
        Ok(sales.into_iter().map(Order::from).collect())
    }

    async fn shipments(&self, contact: &ContactId) -> Result<Vec<Shipment>, CrmError> {
        let party = self.current(contact).await?.id;
        let domain = json!([["customer", "=", party], ["company", "=", self.company]]);
        let sent = self.newest::<ShipmentOut>(domain, |sent| sent.customer == party).await?;
        Ok(sent.into_iter().map(Shipment::from).collect())
    }

    async fn invoices(&self, contact: &ContactId) -> Result<Vec<Invoice>, CrmError> {
        let party = self.current(contact).await?.id;
        let domain =
            json!([["party", "=", party], ["company", "=", self.company], ["type", "=", "out"],]);
        let invoices =
            self.newest::<AccountInvoice>(domain, |invoice| invoice.party == party).await?;
        Ok(invoices.into_iter().map(Invoice::from).collect())
    }
}

impl Tryton {
    async fn newest<R: Record>(
        &self,
        domain: Value,
        belongs: impl Fn(&R) -> bool,
    ) -> Result<Vec<R>, CrmError> {
        let search = Search::new(domain, MOST).newest_first();
        let records = self.client.search::<R>(&search).await?;
        // Another customer's purchases must never be shown.
        if records.iter().all(belongs) {
            Ok(records)
        } else {
            Err(CrmError::Unfiltered { record: R::MODEL })
        }
    }
}

fn money(amount: String, currency: Currency) -> Money {
    Money { amount, currency: currency.code }
}

impl From<Sale> for Order {
    fn from(sale: Sale) -> Self {
        Self {
            id: sale.id.to_string(),
            number: sale.number,
            reference: sale.reference,
            state: match sale.state {
                SaleState::Draft | SaleState::Quotation => OrderState::Open,
                SaleState::Confirmed => OrderState::Confirmed,
                SaleState::Processing => OrderState::Processing,
                SaleState::Done => OrderState::Done,
                SaleState::Cancelled => OrderState::Cancelled,
            },
            shipped: match sale.shipment_state {
                SaleShipmentState::None => Progress::None,
                SaleShipmentState::Waiting => Progress::Waiting,
                SaleShipmentState::PartiallyShipped => Progress::Partial,
                SaleShipmentState::Sent => Progress::Complete,
                SaleShipmentState::Exception => Progress::Exception,
            },
            invoiced: match sale.invoice_state {
                SaleInvoiceState::None => Progress::None,
                SaleInvoiceState::Pending | SaleInvoiceState::AwaitingPayment => Progress::Waiting,
                SaleInvoiceState::PartiallyPaid => Progress::Partial,
                SaleInvoiceState::Paid => Progress::Complete,
                SaleInvoiceState::Exception => Progress::Exception,
            },
            ordered_on: sale.ordered_on,
            total: money(sale.total_amount, sale.currency),
        }
    }
}

impl From<ShipmentOut> for Shipment {
    fn from(shipment: ShipmentOut) -> Self {
        Self {
            id: shipment.id.to_string(),
            number: shipment.number,
            // Tryton's "external identifier for the shipment": the carrier's number.
            tracking: shipment.reference,
            state: match shipment.state {
                ShipmentOutState::Draft | ShipmentOutState::Waiting => ShipmentState::Waiting,
                ShipmentOutState::Assigned
                | ShipmentOutState::Picked
                | ShipmentOutState::Packed => ShipmentState::Preparing,
                ShipmentOutState::Shipped | ShipmentOutState::Done => ShipmentState::Shipped,
                ShipmentOutState::Cancelled => ShipmentState::Cancelled,
            },
            planned_on: shipment.planned_date,
            shipped_on: shipment.effective_date,
        }
    }
}

impl From<AccountInvoice> for Invoice {
    fn from(invoice: AccountInvoice) -> Self {
        let currency = invoice.currency.code.clone();
        Self {
            id: invoice.id.to_string(),
            number: invoice.number,
            state: match invoice.state {
                AccountInvoiceState::Draft | AccountInvoiceState::Validated => InvoiceState::Draft,
                AccountInvoiceState::Posted => InvoiceState::Issued,
                AccountInvoiceState::Paid => InvoiceState::Paid,
                AccountInvoiceState::Cancelled => InvoiceState::Cancelled,
            },
            issued_on: invoice.invoice_date,
            total: money(invoice.total_amount, invoice.currency),
            due: Money { amount: invoice.amount_to_pay, currency },
        }
    }
}
