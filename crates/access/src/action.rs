//! The actions that someone may or may not do; `policies.cedar` says who.

/// Something someone does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// See dashboard, criteria, controls, tests, evidence, populations,
    /// policies, risks, vendors, commitments, description, ledger and search.
    ViewProgram,
    /// See the list of people.
    ViewPeople,
    /// Read policies.
    ViewPolicies,
    /// See one's own account.
    ViewOwnAccount,
    /// See the firm's engagement.
    ViewEngagement,
    /// Read the report.
    ViewReport,
    /// Change the program.
    EditProgram,
    /// Change a control.
    EditControl,
    /// Save a control test.
    SaveTest,
    /// Write management's response to a deviation.
    RespondToDeviation,
    /// Hand evidence in.
    UploadEvidence,
    /// Import a population.
    ImportPopulation,
    /// Compare two populations.
    Reconcile,
    /// Sign a checkpoint of the ledger.
    SignCheckpoint,
    /// Make the package that goes to the firm.
    MakePackage,
    /// Run control tests; the results are recorded.
    RunTests,
    /// Run SQL that is not saved; it changes nothing.
    RunUnsavedSql,
    /// Acknowledge a policy.
    AcknowledgePolicy,
    /// Approve a policy.
    ApprovePolicy,
    /// Add, change and close accounts.
    ManageAccess,
    /// Change settings.
    ManageSettings,
    /// Add and remove webhooks.
    ManageWebhooks,
    /// Rotate keys.
    ManageKeys,
    /// Change one's own password and second factors.
    ManageOwnCredentials,
    /// Issue and revoke one's own API tokens.
    ManageOwnTokens,
}
tickmark_catalog::named_values!(Action, "action", [
    ViewProgram => "view_program",
    ViewPeople => "view_people",
    ViewPolicies => "view_policies",
    ViewOwnAccount => "view_own_account",
    ViewEngagement => "view_engagement",
    ViewReport => "view_report",
    EditProgram => "edit_program",
    EditControl => "edit_control",
    SaveTest => "save_test",
    RespondToDeviation => "respond_to_deviation",
    UploadEvidence => "upload_evidence",
    ImportPopulation => "import_population",
    Reconcile => "reconcile",
    SignCheckpoint => "sign_checkpoint",
    MakePackage => "make_package",
    RunTests => "run_tests",
    RunUnsavedSql => "run_unsaved_sql",
    AcknowledgePolicy => "acknowledge_policy",
    ApprovePolicy => "approve_policy",
    ManageAccess => "manage_access",
    ManageSettings => "manage_settings",
    ManageWebhooks => "manage_webhooks",
    ManageKeys => "manage_keys",
    ManageOwnCredentials => "manage_own_credentials",
    ManageOwnTokens => "manage_own_tokens",
]);
