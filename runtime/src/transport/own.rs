//! The address at which an actor listens that was not told where.

use std::{net::SocketAddr, path::Path};

use scipp_protocol::{Address, AddressError};

use crate::identity::ActorId;

/// An address of our own, of the same kind as `like`: a port that is free of the same host if that is loopback, else of
/// loopback; or a socket in the same folder, named after the actor as tractor's are.
pub(crate) fn own_address(like: &Address, uid: &ActorId) -> Result<Address, AddressError> {
    match like {
        Address::Tcp(socket) => {
            let ip = socket.ip();
            let near = if ip.is_loopback() {
                ip
            } else {
                std::net::Ipv4Addr::LOCALHOST.into()
            };
            Ok(Address::Tcp(SocketAddr::new(near, 0)))
        }
        Address::Unix(path) => socket_in(path.parent().unwrap_or(Path::new("")), uid),
    }
}

/// A socket in a folder, named after the actor. A name that cannot be a file's gives way to the uuid.
pub(crate) fn socket_in(folder: &Path, uid: &ActorId) -> Result<Address, AddressError> {
    let pid = std::process::id();
    let in_folder = |file: String| format!("unix:{}", folder.join(file).display()).parse();
    let named = in_folder(format!("{}@{pid}.sock", uid.name));
    if named.is_ok() && !uid.name.contains('/') {
        return named;
    }
    let plain: String = uid.uuid.chars().filter(char::is_ascii_hexdigit).collect();
    in_folder(format!("actor.{plain}@{pid}.sock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_own_address_is_of_the_same_kind() {
        let pid = std::process::id();
        let own = |like: &str, name: &str| {
            let uid = ActorId::new(name, "0b-1c");
            own_address(&like.parse().unwrap(), &uid)
                .unwrap()
                .to_string()
        };
        assert_eq!(own("tcp://127.0.0.2:1616", "feed"), "tcp://127.0.0.2:0");
        assert_eq!(own("tcp://[::1]:1616", "feed"), "tcp://[::1]:0");
        assert_eq!(own("tcp://10.0.0.1:1616", "feed"), "tcp://127.0.0.1:0");
        let registry = "unix:/run/t/registry@1616.sock";
        assert_eq!(
            own(registry, "feed"),
            format!("unix:/run/t/feed@{pid}.sock")
        );
        for odd in ["a/b", &"n".repeat(100)] {
            assert_eq!(
                own(registry, odd),
                format!("unix:/run/t/actor.0b1c@{pid}.sock")
            );
        }
    }
}
