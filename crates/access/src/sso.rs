//! Single sign-on with OpenID Connect: the code flow with PKCE.
//!
//! Must hold: state, nonce and verifier are random and tied to the browser that
//! started; the callback and the token come from the issuer that was asked; the
//! token is signed with a public key; an e-mail address counts only when the
//! provider says it is verified; no redirect is followed; who has to prove
//! themselves anew is asked anew.

use std::error::Error;
use std::fmt;
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreClaimName, CoreClaimType,
    CoreClient, CoreClientAuthMethod, CoreGrantType, CoreIdTokenClaims, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreJwsSigningAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType, CoreTokenResponse,
    CoreUserInfoClaims,
};
use openidconnect::reqwest;
use openidconnect::{
    AccessTokenHash, AdditionalProviderMetadata, AuthorizationCode, ClientId, ClientSecret,
    CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, ProviderMetadata, RedirectUrl, Scope,
    TokenResponse,
};
use serde::{Deserialize, Serialize};
use tickmark_catalog::Problem;
use url::Url;

use crate::commands::is_private;
use crate::secret::{Random, Secret};
use crate::sign_in::SignInError;
use crate::store::CEREMONY_MINUTES;

/// How long an answer of the provider may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Which provider, and as whom we ask.
#[derive(Clone, Debug)]
pub struct SsoConfig {
    /// Issuer, for example `https://login.fernhollow.example`.
    pub issuer: String,
    /// Client id the provider gave us.
    pub client_id: String,
    /// Client secret the provider gave us.
    pub client_secret: Secret,
    /// Where the provider sends the browser back to.
    pub redirect: Url,
}

/// An identity provider.
pub struct Sso {
    issuer: IssuerUrl,
    config: SsoConfig,
    http: reqwest::Client,
}

impl fmt::Debug for Sso {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sso").field(&self.config).finish()
    }
}

/// What the browser brings back from the provider, from the query string.
#[derive(Clone, Default, Deserialize)]
pub struct SsoCallback {
    /// Code to exchange for the token.
    pub code: Option<String>,
    /// The state that was sent.
    pub state: Option<String>,
    /// The issuer (RFC 9207).
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

impl fmt::Debug for SsoCallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SsoCallback")
            .field("iss", &self.iss)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

/// Who someone is, as the provider says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Issuer.
    pub issuer: String,
    /// What the issuer calls the person, for ever.
    pub subject: String,
    /// E-mail address, when the issuer verified it.
    pub verified_email: Option<String>,
}

/// Whether a provider may let someone in whom it knows from before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// It may: signing in.
    IfUnknown,
    /// It has to ask anew, and say when it did: confirming that it is them.
    Always,
}

/// How long ago a provider that asks anew may have asked, in seconds: as long
/// as the ceremony takes, and a minute by which clocks differ.
const ASKED_SECONDS: i64 = (CEREMONY_MINUTES + 1) * 60;

/// What must be the same when the browser comes back.
#[derive(Serialize, Deserialize)]
pub(crate) struct Asked {
    issuer: String,
    state: String,
    nonce: String,
    verifier: String,
    prompt: Prompt,
}

/// What discovery says beyond the standard.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct IssParameter {
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for IssParameter {}

type Metadata = ProviderMetadata<
    IssParameter,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

impl Sso {
    /// A provider that has not been asked anything yet.
    ///
    /// # Errors
    /// An issuer or redirect that is no address, or not `https`.
    pub fn new(config: SsoConfig) -> Result<Self, Problem> {
        Self::check_issuer(&config.issuer)?;
        let issuer = IssuerUrl::new(config.issuer.clone());
        let http = reqwest::ClientBuilder::new()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .build();
        Ok(Self {
            issuer: issuer.map_err(|error| not_askable(&config.issuer, &error.to_string()))?,
            http: http.map_err(|error| not_askable(&config.issuer, &error.to_string()))?,
            config,
        })
    }

    /// Whether an issuer can be asked: over TLS, or on this machine.
    ///
    /// # Errors
    /// An issuer that is no address, or not `https`.
    pub fn check_issuer(issuer: &str) -> Result<(), Problem> {
        let url = Url::parse(issuer).map_err(|error| not_askable(issuer, &error.to_string()))?;
        match is_private(&url) {
            true => Ok(()),
            false => Err(not_askable(issuer, "it does not start with `https://`")),
        }
    }

    /// Asks the provider how it works, and for its keys. Asked each time: keys
    /// change, and people sign in once a day.
    async fn discover(&self) -> Result<(Client, bool), Problem> {
        let discovery = Metadata::discover_async(self.issuer.clone(), &self.http).await;
        let metadata = discovery.map_err(|error| unreachable_provider(&self.issuer, &error))?;
        let says_iss = metadata
            .additional_metadata()
            .authorization_response_iss_parameter_supported;
        let client = CoreClient::from_provider_metadata(
            metadata,
            ClientId::new(self.config.client_id.clone()),
            Some(ClientSecret::new(
                self.config.client_secret.reveal().to_owned(),
            )),
        )
        .set_redirect_uri(RedirectUrl::from_url(self.config.redirect.clone()));
        Ok((client, says_iss))
    }

    /// Where to send the browser, and what to remember.
    pub(crate) async fn ask(
        &self,
        prompt: Prompt,
        random: &Random,
    ) -> Result<(Url, Asked), Problem> {
        let (client, _) = self.discover().await?;
        let text = || Secret::random(random).reveal().to_owned();
        let asked = Asked {
            issuer: self.config.issuer.clone(),
            state: text(),
            nonce: text(),
            verifier: text(),
            prompt,
        };
        let verifier = PkceCodeVerifier::new(asked.verifier.clone());
        let (state, nonce) = (asked.state.clone(), asked.nonce.clone());
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scope(Scope::new("email".to_owned()))
            .add_scope(Scope::new("profile".to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if prompt == Prompt::Always {
            // With an age asked for, the provider has to say when it asked.
            let age = Duration::from_secs(ASKED_SECONDS.unsigned_abs());
            request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(age);
        }
        let (url, _, _) = request.url();
        Ok((url, asked))
    }

    /// Who came back.
    pub(crate) async fn answer(
        &self,
        asked: Asked,
        callback: &SsoCallback,
        now: Timestamp,
    ) -> Result<Identity, SignInError> {
        let (client, says_iss) = self.discover().await?;
        let code = self.checked_code(&asked, callback, says_iss)?;
        let request = client
            .exchange_code(code)
            .map_err(|error| unreachable_provider(&self.issuer, &error))?
            .set_pkce_verifier(PkceCodeVerifier::new(asked.verifier));
        let response = request.request_async(&self.http).await;
        let response = response.map_err(|error| unreachable_provider(&self.issuer, &error))?;
        let nonce = Nonce::new(asked.nonce);
        let claims = verified_claims(&client, &response, &nonce, now)
            .map_err(|why| untrusted(&self.issuer, &why))?;
        if asked.prompt == Prompt::Always && !was_asked_just_now(&claims, now) {
            let why = "it did not ask anew who you are, or does not say so";
            return Err(untrusted(&self.issuer, why));
        }
        let verified_email = match claims.email() {
            Some(email) => {
                (claims.email_verified() == Some(true)).then(|| email.as_str().to_owned())
            }
            None => self.email_of(&client, &response, &claims).await,
        };
        Ok(Identity {
            issuer: asked.issuer,
            subject: claims.subject().as_str().to_owned(),
            verified_email,
        })
    }

    /// The code, when the callback answers what was asked.
    fn checked_code(
        &self,
        asked: &Asked,
        callback: &SsoCallback,
        says_iss: bool,
    ) -> Result<AuthorizationCode, SignInError> {
        let same_state = callback.state.as_deref() == Some(&asked.state);
        let same_issuer = match &callback.iss {
            Some(iss) => *iss == asked.issuer,
            None => !says_iss,
        };
        if !same_state || !same_issuer || asked.issuer != self.config.issuer {
            let why = "what the browser brought back answers another question";
            return Err(untrusted(&self.issuer, why));
        }
        if let Some(error) = &callback.error {
            let error: String = error.chars().take(100).collect();
            let problem = Problem::new("the identity provider did not let you in").cause(error);
            return Err(SignInError::Refused(
                problem.hint("try again, or ask whoever runs the provider"),
            ));
        }
        let code = callback.code.clone().map(AuthorizationCode::new);
        code.ok_or_else(|| untrusted(&self.issuer, "it sent no code"))
    }

    /// The verified address, from providers that leave it out of the token.
    async fn email_of(
        &self,
        client: &Client,
        response: &CoreTokenResponse,
        claims: &CoreIdTokenClaims,
    ) -> Option<String> {
        let token = response.access_token().clone();
        let subject = Some(claims.subject().clone());
        let request = client.user_info(token, subject).ok()?;
        let info: CoreUserInfoClaims = request.request_async(&self.http).await.ok()?;
        let verified = info.email_verified() == Some(true);
        info.email()
            .filter(|_| verified)
            .map(|email| email.as_str().to_owned())
    }
}

/// Algorithms with a public key. With a shared one, whoever knows the client
/// secret could sign.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// The claims of a token that is signed, ours, fresh and of this sign-in.
fn verified_claims(
    client: &Client,
    response: &CoreTokenResponse,
    nonce: &Nonce,
    now: Timestamp,
) -> Result<CoreIdTokenClaims, String> {
    let token = response.id_token().ok_or("it sent no identity token")?;
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs(ALGORITHMS)
        .set_time_fn(move || SystemTime::from(now).into());
    let claims = token
        .claims(&verifier, nonce)
        .map_err(|error| reason(&error))?;
    if let Some(expected) = claims.access_token_hash() {
        let algorithm = token.signing_alg().map_err(|error| reason(&error))?;
        let key = token
            .signing_key(&verifier)
            .map_err(|error| reason(&error))?;
        let actual = AccessTokenHash::from_token(response.access_token(), algorithm, key)
            .map_err(|error| reason(&error))?;
        if actual != *expected {
            return Err("the access token belongs to another identity token".to_owned());
        }
    }
    Ok(claims.clone())
}

fn was_asked_just_now(claims: &CoreIdTokenClaims, now: Timestamp) -> bool {
    let asked_at = claims
        .auth_time()
        .map(|at| Timestamp::try_from(SystemTime::from(at)));
    let age = |at: Timestamp| now.duration_since(at).as_secs();
    asked_at.is_some_and(|at| at.is_ok_and(|at| age(at) <= ASKED_SECONDS))
}

fn not_askable(issuer: &str, why: &str) -> Problem {
    Problem::new(format!("`{issuer}` cannot be asked who someone is"))
        .cause(why)
        .hint("write the issuer as the provider does, like `https://login.example.com`")
}

fn unreachable_provider(issuer: &IssuerUrl, error: &dyn Error) -> Problem {
    let failed = format!("the identity provider `{}` failed", issuer.as_str());
    let reasons = reasons(error).into_iter();
    let problem = reasons.fold(Problem::new(failed), Problem::cause);
    problem.hint("try again, or sign in in another way")
}

/// An error and what it comes from, outermost first.
fn reasons(error: &dyn Error) -> Vec<String> {
    let mut reasons = vec![error.to_string()];
    let mut source = error.source();
    while let Some(error) = source {
        reasons.push(error.to_string());
        source = error.source();
    }
    reasons
}

/// Those reasons on one line.
fn reason(error: &dyn Error) -> String {
    reasons(error).join(": ")
}

fn untrusted(issuer: &IssuerUrl, why: &str) -> SignInError {
    let problem = Problem::new(format!(
        "the answer of the identity provider `{}` cannot be trusted",
        issuer.as_str()
    ));
    SignInError::Refused(problem.cause(why).hint("start again"))
}

#[cfg(test)]
mod tests;
