"""A real PostgreSQL in a namespace of a lab, and pgbench against it.

The server runs as the user `postgres`, whom Debian's package makes, because it
refuses to run as root. Its data lie in the lab's folder.
"""

import glob
import os
import pwd
import shutil

from lab import Skip, need


def programs():
    """The folder of the newest server that is installed."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    if not found:
        raise Skip("PostgreSQL is missing "
                   "(on Debian: apt-get install postgresql)")
    return os.path.dirname(found[-1])


class Postgres:
    def __init__(self, lab, namespace, listen, config="", name="postgres",
                 scale=1):
        """Listens on the address LISTEN, for the user postgres without a
        password, and holds the tables of pgbench."""
        self.lab, self.namespace, self.listen = lab, namespace, listen
        self.bin = programs()
        try:
            user = pwd.getpwnam("postgres")
        except KeyError:
            raise Skip("there is no user postgres") from None
        self.folder = lab.folder(name)
        shutil.chown(self.folder, user.pw_uid, user.pw_gid)
        data = f"{self.folder}/data"
        self._as_postgres(f"{self.bin}/initdb", "-D", data, "-A", "trust",
                          "-N", "--no-instructions", timeout=120)
        with open(f"{data}/postgresql.conf", "a") as file:
            file.write(f"listen_addresses = '{listen}'\n"
                       f"unix_socket_directories = '{self.folder}'\n"
                       "fsync = off\nfull_page_writes = off\n"
                       "max_connections = 50\n"
                       f"shared_buffers = 32MB\n{config}\n")
        with open(f"{data}/pg_hba.conf", "w") as file:
            file.write("local all all trust\nhost all all 0.0.0.0/0 trust\n")
        # SIGINT: end the sessions and stop. SIGTERM would wait for clients.
        self.process = lab.start(
            namespace, name,
            ["setpriv", "--reuid", user.pw_uid, "--regid", user.pw_gid,
             "--clear-groups", "--pdeathsig", "KILL",
             f"{self.bin}/postgres", "-D", data])
        lab.stack.callback(self.stop)
        lab.wait(self.ready, 60, "PostgreSQL accepts connections",
                 self.process.tail)
        if scale:
            self._as_postgres(f"{self.bin}/pgbench", "-q", "-i", "-n",
                              "-s", scale, "-h", self.folder, "postgres")

    def _as_postgres(self, *command, check=True, timeout=60):
        return self.namespace.run(
            "setpriv", "--reuid", "postgres", "--regid", "postgres",
            "--clear-groups", *command, check=check, timeout=timeout,
            cwd=self.folder)

    def ready(self):
        return "accepting" in self._as_postgres(
            f"{self.bin}/pg_isready", "-h", self.folder, check=False)

    def sql(self, statement):
        return self._as_postgres(f"{self.bin}/psql", "-h", self.folder, "-Atc",
                                 statement, "postgres").strip()

    def stop(self):
        self.process.stop(2)

    def pgbench(self, namespace, *options, name="pgbench"):
        """Starts pgbench in NAMESPACE, against the server by way of the
        network. Give it -T SECONDS, and for its latencies -l
        --log-prefix=..., which write files into its folder."""
        need("postgresql", f"{self.bin}/pgbench")
        folder = self.lab.folder(name)
        return self.lab.start(
            namespace, name,
            ["env", "-C", folder, f"{self.bin}/pgbench", "-n", "-h",
             self.listen, "-U", "postgres", *map(str, options), "postgres"])
