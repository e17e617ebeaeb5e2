/* What the files of the benchmark share. One process measures subjects in turn: the
 * system's ws2_32 called directly, or a provider DLL called through its table. Both are
 * called the same way, and every far end is a plain socket of ws2_32. */
#ifndef WSPBENCH_BENCH_H
#define WSPBENCH_BENCH_H

#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0600
#endif
#define WIN32_LEAN_AND_MEAN

/* clang-format off */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <ws2spi.h>
#include <windows.h>
/* clang-format on */

#include <stdbool.h>

/* Prints a sentence with the error to stderr and ends the process with exit code 2. */
void give_up(const char *what, int error) __attribute__((noreturn));

/* --- The subject ------------------------------------------------------------------ */

struct subject {
    const char *name;    /* as the command line has it */
    WSPPROC_TABLE table; /* ws2_32's functions are put into such a table too */
    bool speaks_iso;     /* or else it has TCP for the two types below */
};

/* Takes ws2_32 ("bare") or the DLL of this path, and starts it. */
struct subject subject_load(const char *name);
/* Ends it: it must not be called any more. */
void subject_unload(const struct subject *subject);

/* Fills a table with ws2_32's own functions: those that the benchmark calls. */
void bare_fill(WSPPROC_TABLE *table);

/* Types of sockets beside SOCK_STREAM (TCP) and SOCK_DGRAM (UDP): ISO transport over
 * TCP, with messages or as a stream. */
#define TYPE_ISO SOCK_SEQPACKET
#define TYPE_ISO_STREAM (SOCK_SEQPACKET + 1)

/* As the functions of the table, over IPv4; a failure ends the process. */
SOCKET subject_socket(const struct subject *subject, int type);
SOCKET subject_accept(const struct subject *subject, SOCKET listener);
void subject_connect(const struct subject *subject,
                     SOCKET s,
                     const struct sockaddr_in *name);
void subject_send(const struct subject *subject,
                  SOCKET s,
                  const char *data,
                  unsigned size);
/* At least one byte; the number of bytes. */
unsigned
subject_receive(const struct subject *subject, SOCKET s, char *data, unsigned size);
void subject_close(const struct subject *subject, SOCKET s);
/* A free loopback port for the socket. */
struct sockaddr_in subject_bind(const struct subject *subject, SOCKET s);

/* --- Far ends --------------------------------------------------------------------- */

/* A socket of ws2_32 on a free loopback port; a stream socket listens. */
SOCKET far_socket(int type, struct sockaddr_in *name);
SOCKET far_accept(SOCKET listener);

/* A connection of the subject (SOCK_STREAM), or two datagram sockets that are connected
 * to each other. */
struct pair {
    SOCKET near_end; /* the subject's */
    SOCKET far_end;  /* ws2_32's */
};

/* `listener` is a far_socket; not used for datagrams. */
struct pair connect_pair(const struct subject *subject, int type, SOCKET listener);
void close_pair(const struct subject *subject, struct pair pair);

/* --- Measuring -------------------------------------------------------------------- */

/* One figure. A round opens what it needs, measures, and closes it again. */
struct figure {
    const char *name; /* ends with the unit */
    double (*round)(const struct subject *subject,
                    const struct figure *figure,
                    unsigned count);
    unsigned count; /* of what a round repeats */
    unsigned brief; /* the same in the short form; 0: not measured there */
    int type;       /* of the sockets */
    unsigned size;  /* of a message, or of the crowd of connections */
};

/* Megabytes a second that `count` sends of 64 KiB reach. */
double throughput_round(const struct subject *subject,
                        const struct figure *figure,
                        unsigned count);
/* The following in microseconds, the median of `count`: */
double latency_round(const struct subject *subject,
                     const struct figure *figure,
                     unsigned count);
double connection_round(const struct subject *subject,
                        const struct figure *figure,
                        unsigned count);
double
event_round(const struct subject *subject, const struct figure *figure, unsigned count);
double recv_disconnect_round(const struct subject *subject,
                             const struct figure *figure,
                             unsigned count);
double shutdown_round(const struct subject *subject,
                      const struct figure *figure,
                      unsigned count);
/* Bytes of the process's own memory for one of `count` connections. The first round of
 * a process counts: later ones use again what earlier ones left. */
double
idle_round(const struct subject *subject, const struct figure *figure, unsigned count);
/* With both ends the subject's: megabytes a second with `count` messages of 8 KiB, and
 * bytes of memory as above, for one end. */
double iso_throughput_round(const struct subject *subject,
                            const struct figure *figure,
                            unsigned count);
double iso_idle_round(const struct subject *subject,
                      const struct figure *figure,
                      unsigned count);

/* The process's own memory in bytes. */
double private_bytes(void);

/* Microseconds since some moment. */
double now(void);
/* Sorts the values. */
double median(double *values, unsigned count);
/* `count` elements, all zero; gives up if there is no memory. */
void *allocate(unsigned count, size_t size);

#endif
