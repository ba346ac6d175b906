//! The failures an operation documents, in sets that belong together.

use std::collections::BTreeMap;

use utoipa::{
    IntoResponses,
    openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder, response::Response},
};

type Responses = BTreeMap<String, RefOr<Response>>;

fn failures(entries: &[(&str, &str)]) -> Responses {
    let describe = |(status, description): &(&str, &str)| {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("ErrorEnvelope"))).build();
        let response = ResponseBuilder::new().description(*description).content("application/json", content).build();
        ((*status).to_owned(), RefOr::T(response))
    };
    entries.iter().map(describe).collect()
}

macro_rules! failure_set {
    ($(#[$doc:meta])* $name:ident, $($status:literal => $description:literal),+ $(,)?) => {
        $(#[$doc])*
        pub(crate) struct $name;

        impl IntoResponses for $name {
            fn responses() -> Responses {
                failures(&[$(($status, $description)),+])
            }
        }
    };
}

failure_set!(
    /// What can happen to any request.
    AnyFailure,
    "429" => "Too many requests; `Retry-After` says when to try again.",
    "500" => "Something went wrong on the server.",
    "503" => "The server cannot answer at this moment; `Retry-After` says when to try again.",
);

failure_set!(
    /// What can happen to a request that needs a principal.
    AccessFailure,
    "401" => "No valid session or API key came with the request.",
    "403" => "The caller's role or scopes do not include this, or the request came from another site.",
);

failure_set!(
    /// What can happen to a request within a workspace.
    WorkspaceFailure,
    "400" => "The request could not be understood, or no workspace was chosen.",
    "401" => "No valid session or API key came with the request.",
    "403" => "The caller's role or scopes do not include this, or the request came from another site.",
    "404" => "It does not exist, or belongs to another workspace.",
);

failure_set!(
    /// What can happen to a request about the whole instance.
    AdminFailure,
    "401" => "No valid session came with the request.",
    "403" => "The caller is not an admin of this instance, or the request came from another site.",
);

failure_set!(
    /// What can happen to a request that names something.
    AbsentFailure,
    "404" => "It does not exist, or not any more.",
);

failure_set!(
    /// What can happen to a request that changes how something goes on.
    StateFailure,
    "409" => "Its state does not allow this; the message says which would.",
);

failure_set!(
    /// What can happen to query parameters.
    QueryFailure,
    "400" => "The request could not be understood.",
    "422" => "A parameter is unknown or its value is not acceptable; `errors` names each.",
);

failure_set!(
    /// What can happen to a request with a JSON body.
    BodyFailure,
    "400" => "The body is not JSON, or the content type is not `application/json`.",
    "413" => "The body is larger than 1 MiB.",
    "422" => "Fields are unknown, of the wrong type or not acceptable; `errors` names each.",
    "507" => "The server has no room left to store anything.",
);

failure_set!(
    /// What can happen to a request that claims a unique value.
    ConflictFailure,
    "409" => "The value is already in use; `errors` names the field.",
);
