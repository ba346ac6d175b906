//! The OpenAPI schemas of rules, made from the limits their parser enforces.

use serde_json::json;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, OneOfBuilder, Ref, Schema, Type};
use utoipa::{Number, PartialSchema, ToSchema};

use super::rule::SetOperator;
use super::{Condition, CountryCode, DestinationUrl, Rule, WeightedDestination, backups_schema};

type Schemas = Vec<(String, RefOr<Schema>)>;

fn reference<T: ToSchema>() -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(T::name()))
}

fn closed_object() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(AdditionalProperties::<Schema>::FreeForm(false)))
}

fn list(of: RefOr<Schema>, most: usize) -> ArrayBuilder {
    ArrayBuilder::new().items(of).min_items(Some(1)).max_items(Some(most))
}

impl PartialSchema for Rule {
    fn schema() -> RefOr<Schema> {
        closed_object()
            .property("when", reference::<Condition>())
            .property(
                "destinations",
                list(reference::<WeightedDestination>(), Self::MAX_DESTINATIONS)
                    .description(Some("Where the visitors go who meet the condition; several share them by weight.")),
            )
            .property(
                "backups",
                backups_schema().description(Some(
                    "Where they go while their destination is down: the first of these that is not.",
                )),
            )
            .required("when")
            .required("destinations")
            .description(Some("Sends the visitors who meet a condition elsewhere. The first rule that is met decides."))
            .examples([json!({
                "when": { "type": "country", "op": "in", "value": ["DE", "AT"] },
                "destinations": [
                    { "url": "https://example.com/a", "weight": 70 },
                    { "url": "https://example.com/b", "weight": 30 },
                ],
            })])
            .into()
    }
}

impl ToSchema for Rule {
    fn schemas(schemas: &mut Schemas) {
        schemas.push((Condition::name().into_owned(), Condition::schema()));
        Condition::schemas(schemas);
        schemas.push((WeightedDestination::name().into_owned(), WeightedDestination::schema()));
        WeightedDestination::schemas(schemas);
    }
}

impl PartialSchema for WeightedDestination {
    fn schema() -> RefOr<Schema> {
        closed_object()
            .property("url", reference::<DestinationUrl>())
            .property(
                "weight",
                ObjectBuilder::new()
                    .schema_type(Type::Integer)
                    .minimum(Some(Number::Int(1)))
                    .maximum(Some(Number::Int(isize::try_from(Rule::MAX_WEIGHT).unwrap_or(isize::MAX))))
                    .default(Some(json!(1)))
                    .description(Some("The share, in relation to the other weights of the rule.")),
            )
            .required("url")
            .description(Some("A destination and its share of a rule's visitors."))
            .into()
    }
}

impl ToSchema for WeightedDestination {
    fn schemas(schemas: &mut Schemas) {
        schemas.push((DestinationUrl::name().into_owned(), DestinationUrl::schema()));
    }
}

impl PartialSchema for Condition {
    fn schema() -> RefOr<Schema> {
        let several = || list(reference::<Self>(), Rule::MAX_CONDITIONS);
        let country = closed_object()
            .property("type", ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["country"])))
            .property("op", reference::<SetOperator>())
            .property("value", list(reference::<CountryCode>(), CountryCode::COUNT))
            .required("type")
            .required("op")
            .required("value")
            .description(Some("Where the visitor is. A visitor whose country is unknown is in no country."));
        OneOfBuilder::new()
            .item(
                closed_object().property("all", several()).required("all").description(Some("All of these are true.")),
            )
            .item(
                closed_object()
                    .property("any", several())
                    .required("any")
                    .description(Some("At least one of these is true.")),
            )
            .item(
                closed_object()
                    .property("not", reference::<Self>())
                    .required("not")
                    .description(Some("This is not true.")),
            )
            .item(country)
            .description(Some("Something that is true or false of a visitor."))
            .into()
    }
}

impl ToSchema for Condition {
    fn schemas(schemas: &mut Schemas) {
        schemas.push((SetOperator::name().into_owned(), SetOperator::schema()));
        schemas.push((<CountryCode as ToSchema>::name().into_owned(), CountryCode::schema()));
    }
}
