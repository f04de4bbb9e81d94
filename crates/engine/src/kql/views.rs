//! Tables of Log Analytics that are made of `Flows` when somebody asks for them: each a query, in its own file.

/// Each by its name.
const VIEWS: [(&str, &str); 3] = [
    (
        "AzureNetworkAnalytics_CL",
        include_str!("views/AzureNetworkAnalytics_CL.kql"),
    ),
    ("NTAIpDetails", include_str!("views/NTAIpDetails.kql")),
    ("NTANetAnalytics", include_str!("views/NTANetAnalytics.kql")),
];

/// The text of the view of this name.
pub(super) fn view(name: &str) -> Option<&'static str> {
    let found = VIEWS.iter().find(|(held, _)| *held == name);
    found.map(|(_, text)| *text)
}
