//! TLS to a database on another machine: its certificate must be signed by a root that is trusted, and bear the name it was asked by.
//! Offers no lesser way.

use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use tokio_rustls::TlsConnector;

use crate::fault::StoreFault;

/// Where systems keep the roots that everything on them trusts.
const OF_THE_SYSTEM: [&str; 2] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/// Which roots are trusted: those of a file, or those of the system.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Trust(pub(super) Option<PathBuf>);

impl Trust {
    /// What makes connections with this trust. The file is read each time, so that a root may be replaced while we run.
    pub(super) fn connector(&self) -> Result<Connector, StoreFault> {
        let file = match &self.0 {
            Some(file) => file.as_path(),
            None => {
                let known = OF_THE_SYSTEM.map(Path::new).into_iter().find(|file| file.exists());
                known.ok_or_else(|| StoreFault::Unavailable {
                    reason: "this system has no list of trusted certificates: name one with sslrootcert=FILE"
                        .into(),
                })?
            }
        };
        let refused = |what: &dyn std::fmt::Display| StoreFault::Unavailable {
            reason: format!("the trusted certificates of {}: {what}", file.display()),
        };
        let mut roots = RootCertStore::empty();
        for root in CertificateDer::pem_file_iter(file).map_err(|error| refused(&error))? {
            roots.add(root.map_err(|error| refused(&error))?).map_err(|error| refused(&error))?;
        }
        if roots.is_empty() {
            return Err(refused(&"there are none in it"));
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| refused(&error))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Connector(TlsConnector::from(Arc::new(config))))
    }
}

/// Makes connections.
#[derive(Clone)]
pub(super) struct Connector(TlsConnector);

/// Makes one, to a name.
pub(super) struct Named {
    connector: TlsConnector,
    name: ServerName<'static>,
}

/// A connection.
pub(crate) struct Secured<S>(tokio_rustls::client::TlsStream<S>);

impl<S> MakeTlsConnect<S> for Connector
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Secured<S>;
    type TlsConnect = Named;
    type Error = rustls::pki_types::InvalidDnsNameError;

    fn make_tls_connect(&mut self, domain: &str) -> Result<Named, Self::Error> {
        Ok(Named { connector: self.0.clone(), name: ServerName::try_from(domain)?.to_owned() })
    }
}

impl<S> TlsConnect<S> for Named
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    type Stream = Secured<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Secured<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move { Ok(Secured(self.connector.connect(self.name, stream).await?)) })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Secured<S> {
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Secured<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Secured<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
