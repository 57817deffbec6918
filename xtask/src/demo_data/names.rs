//! Invented names, titles and words. None is meant to be anyone.

/// First names; all in windows-1252.
pub const FIRST: [&str; 84] = [
    "Ada", "Adele", "Amara", "Anders", "Anouk", "Asha", "Basil", "Beatrix", "Benedikt", "Bronwyn",
    "Caleb", "Carys", "Cedric", "Chidi", "Clémence", "Cora", "Dalia", "Damaris", "Dario", "Delphine",
    "Edda", "Eamon", "Elif", "Elspeth", "Emeka", "Esme", "Fabian", "Farah", "Fenella", "Fergus",
    "Gideon", "Greta", "Hadley", "Hana", "Heloise", "Hiro", "Idris", "Ilse", "Imogen", "Ines",
    "Ivo", "Jarek", "Jocasta", "Jonas", "José", "Juniper", "Kaia", "Kamal", "Keiko", "Kiran",
    "Lachlan", "Leonie", "Linnea", "Lucasta", "Mabel", "Magnus", "Maren", "Mateus", "Mina", "Nadia",
    "Nils", "Noor", "Odette", "Olwen", "Oskar", "Paloma", "Percy", "Priya", "Quentin", "Rafael",
    "Ronja", "Rufus", "Sanna", "Selim", "Signe", "Soren", "Tamsin", "Thandi", "Tobias", "Ursula",
    "Viggo", "Wanda", "Yusuf", "Zoë",
];

/// Last names; all in windows-1252.
pub const LAST: [&str; 88] = [
    "Abernathy", "Achterberg", "Adeyemi", "Alderwick", "Amberley", "Ashdown", "Barrowman", "Bellweather",
    "Birchall", "Bramley", "Brightwater", "Calloway", "Castellane", "Chaudhry", "Coldbrook", "Copperfield",
    "Cranmoor", "Dahlgren", "Dovecote", "Draycott", "Dunmorrow", "Eastlake", "Ekström", "Elderfield",
    "Fairweather", "Farrow", "Fennimore", "Fernsby", "Foxglove", "Gallowglass", "Garrowby", "Gillespy",
    "Goldacre", "Greenhalgh", "Hallewell", "Harcastle", "Hawksworth", "Hazelrigg", "Hollowell", "Iyengar",
    "Jellicoe", "Kaltenbach", "Kestrel", "Kingsnorth", "Lamplight", "Larkin", "Lindqvist", "Longmire",
    "Lovelock", "Marchbanks", "Meadowcroft", "Merriweather", "Moonstone", "Müller", "Nakagawa", "Netherby",
    "Nightingale", "Oakhurst", "Okonjo", "Orchardson", "Pemberley", "Penhaligon", "Quillfeather", "Ravensdale",
    "Redfern", "Rosewarne", "Rowntree", "Saltmarsh", "Sedgewick", "Silverthorne", "Skylark", "Stonebridge",
    "Swiftwater", "Tanglewood", "Tennant", "Thistlewood", "Tregarth", "Underhill", "Vandermeer", "Vespers",
    "Wainscott", "Waverly", "Whitlock", "Wilderspin", "Winterbourne", "Woolnough", "Yarrow", "Zimmerli",
];

/// Names of repositories older than the period; the thirteen of the system.
pub const REPOSITORIES: [&str; 13] = [
    "relay-api", "relay-web", "relay-ingest", "relay-scoring", "relay-billing", "relay-connectors",
    "relay-notify", "relay-auth", "relay-mobile", "relay-warehouse", "infra-live", "infra-modules",
    "support-tools",
];

/// Suppliers in the order of their record: name, what they supply. The first eleven are critical.
pub const VENDORS: [(&str, &str); 64] = [
    ("Amazon Web Services", "Cloud hosting"),
    ("Keyring ID", "Identity provider"),
    ("Northgate Edge", "Content delivery and web firewall"),
    ("Codehollow", "Source code hosting and builds"),
    ("Quillpost", "Transactional e-mail"),
    ("Lanternwatch", "Monitoring and security events"),
    ("Stackyard", "Data warehouse"),
    ("Deskwell", "Customer support desk"),
    ("Pagerfox", "On-call alerting"),
    ("Hearthside HR", "Human resources"),
    ("Ledgerleaf", "Billing and payments"),
    ("Scanwright", "Vulnerability scanning"),
    ("Fleetkeeper", "Device management"),
    ("Tickstream", "Ticketing"),
    ("Clausewell", "Contract management"),
    ("Larkspur CRM", "Customer relations"),
    ("Classmark", "Training"),
    ("Boltlock", "Secrets store"),
    ("Whitehall Checks", "Background checks"),
    ("Greyfriars Testing", "Penetration testing"),
    ("Docketry", "Governance records"),
    ("Murmur", "Team chat"),
    ("Papermill", "Documents and mail"),
    ("Signpost", "Status page"),
    ("Mapleform", "Surveys"),
    ("Tallyho Analytics", "Product analytics"),
    ("Brightframe", "Design tool"),
    ("Callbox", "Telephony"),
    ("Parley", "Video meetings"),
    ("Oxbow Payroll", "Payroll"),
    ("Fernway Benefits", "Benefits"),
    ("Harbor Expense", "Expenses"),
    ("Sextant Travel", "Travel"),
    ("Plumbline", "Project planning"),
    ("Gatehouse", "Visitor register"),
    ("Coldstore Archive", "Archive storage"),
    ("Inkwell Sign", "Electronic signature"),
    ("Tradewind Ads", "Advertising"),
    ("Beacon Events", "Events"),
    ("Longshore Recruiting", "Recruiting"),
    ("Millrace Search", "Search service"),
    ("Pebble Maps", "Maps"),
    ("Sundial Scheduling", "Scheduling"),
    ("Thicket Docs", "Developer documents"),
    ("Wickerwork", "Webinars"),
    ("Yardarm Shipping", "Shipping of laptops"),
    ("Zephyr Print", "Print"),
    ("Anvil Builds", "Build runners"),
    ("Briar Fonts", "Fonts"),
    ("Cobble Legal", "Outside counsel"),
    ("Drystone Tax", "Tax adviser"),
    ("Eddy Translations", "Translations"),
    ("Fathom Insurance", "Cyber insurance"),
    ("Granary Storage", "Office storage"),
    ("Hedgerow Cleaning", "Office cleaning"),
    ("Isthmus Networks", "Office internet"),
    ("Juniper Row Coworking", "Office space"),
    ("Kiln Coffee", "Catering"),
    ("Lodestar Forecasts", "Capacity forecasts"),
    ("Moorland Escrow", "Code escrow"),
    ("Nettle Labs", "Model evaluation"),
    ("Osier Backups", "Mailbox backup"),
    ("Pollard Media", "Media agency"),
    ("Quarry Feeds", "Reference data"),
];

/// What pull requests are about.
pub const VERBS: [&str; 12] = [
    "Add", "Fix", "Speed up", "Remove", "Rename", "Retry", "Cache", "Log", "Validate", "Split", "Document",
    "Guard",
];

/// What pull requests change.
pub const THINGS: [&str; 24] = [
    "ticket import", "tenant lookup", "sentiment scores", "export paging", "webhook delivery", "rate limits",
    "queue back-off", "session refresh", "audit trail page", "agent roster", "digest mail", "metric rollups",
    "inbox filters", "report builder", "schema migration", "feature flags", "search index", "usage counters",
    "customer labels", "attachment scan", "time zones in charts", "invoice lines", "alert thresholds",
    "connector tokens",
];

/// Libraries a bot keeps up to date.
pub const LIBRARIES: [&str; 12] = [
    "tokio", "serde", "react", "vite", "pydantic", "sqlx", "terraform-provider-aws", "openssl", "axum", "ruff",
    "postcss", "grpc",
];

/// Detection rules of the security monitoring, with how severe they are.
pub const RULES: [(&str, &str); 14] = [
    ("Sign-in from a new country", "medium"),
    ("Impossible travel", "high"),
    ("Many failed sign-ins", "low"),
    ("New administrator", "high"),
    ("Public bucket attempted", "critical"),
    ("Malware quarantined", "medium"),
    ("Unusual download volume", "medium"),
    ("Port scan", "low"),
    ("Web firewall block burst", "low"),
    ("Expired token used", "low"),
    ("Secret in a commit", "high"),
    ("Console sign-in without single sign-on", "critical"),
    ("Agent silent", "low"),
    ("Rare process", "low"),
];

/// Department and job titles.
pub const TITLES: [(&str, [&str; 3]); 12] = [
    ("Engineering", ["Software Engineer", "Engineer, Senior", "Site Reliability Engineer"]),
    ("Data", ["Data Engineer", "Data Scientist", "Analyst, Data"]),
    ("Product", ["Product Manager", "Product Designer", "Researcher, User"]),
    ("Support", ["Support Specialist", "Support Engineer", "Lead, Support"]),
    ("Sales", ["Account Executive", "Sales Engineer", "Manager, Accounts"]),
    ("Information Technology", ["IT Specialist", "Systems Administrator", "Engineer, Identity"]),
    ("Marketing", ["Content Strategist", "Marketing Manager", "Designer, Brand"]),
    ("People", ["People Partner", "Recruiter", "Coordinator, People"]),
    ("Finance", ["Accountant", "Financial Analyst", "Controller, Assistant"]),
    ("Executive", ["Assistant", "Chief of Staff", "Director"]),
    ("Security", ["Security Engineer", "Analyst, Security", "Compliance Analyst"]),
    ("Legal", ["Counsel", "Paralegal", "Contract Manager"]),
];

/// Someone with a function of their own; these people never leave.
pub struct Head {
    /// Title, unique.
    pub title: &'static str,
    /// Own department.
    pub department: &'static str,
    /// Departments led.
    pub leads: &'static [&'static str],
    /// Title of whom they report to; empty for the first.
    pub reports_to: &'static str,
}

const fn head(title: &'static str, department: &'static str, leads: &'static [&'static str], reports_to: &'static str) -> Head {
    Head { title, department, leads, reports_to }
}

const CEO: &str = "Chief Executive Officer";
const CTO: &str = "Chief Technology Officer";

/// The heads, first the one who reports to nobody.
pub const HEADS: [Head; 15] = [
    head(CEO, "Executive", &["Executive"], ""),
    head(CTO, "Engineering", &[], CEO),
    head("Chief Financial Officer", "Finance", &["Finance"], CEO),
    head("General Counsel", "Legal", &["Legal"], CEO),
    head("Head of Security", "Security", &["Security"], CEO),
    head("Security Operations Lead", "Security", &[], "Head of Security"),
    head("Compliance Manager", "Security", &[], "Head of Security"),
    head("Vice President of Engineering", "Engineering", &["Engineering"], CTO),
    head("Head of Platform", "Engineering", &[], CTO),
    head("Head of Data", "Data", &["Data"], CTO),
    head("Head of IT", "Information Technology", &["Information Technology"], CTO),
    head("Head of People", "People", &["People"], CEO),
    head("VP Product", "Product", &["Product"], CEO),
    head("VP Customer", "Support", &["Support", "Sales", "Marketing"], CEO),
    head("Procurement Manager", "Finance", &[], "Chief Financial Officer"),
];
