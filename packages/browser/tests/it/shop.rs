//! The shop of the kits, and the port on this machine that nothing may reach.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
};

/// Written in the shop's hostile pages.
const CANARY: u16 = 8098;

/// A shop that runs as long as this is kept.
pub struct Shop {
    child: Child,
    port: u16,
}

impl Shop {
    /// Starts it with a canary, unless somebody else's canary is there already; `None` where there are no kits.
    pub fn start() -> Option<Self> {
        let kits = super::kits()?;
        let port = free_port();
        let mut command = Command::new("python3");
        command.arg(kits.join("shop/shop.py")).args(["--port", &port.to_string()]);
        if TcpStream::connect(("127.0.0.1", CANARY)).is_err() {
            command.args(["--canary-port", &CANARY.to_string()]);
        }
        command.env("PYTHONDONTWRITEBYTECODE", "1").stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It says so once it serves.
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
        let shop = Self { child, port };
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            std::thread::yield_now();
        }
        Some(shop)
    }

    /// The address of a page.
    pub fn page(&self, id: &str) -> String {
        format!("http://127.0.0.1:{}/p/{id}", self.port)
    }

    /// What reached the canary.
    pub fn canary_hits() -> String {
        get(CANARY, "/__hits")
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// A port on which nothing listens.
pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn get(port: u16, path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}
