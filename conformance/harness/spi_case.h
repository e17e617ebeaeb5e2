/* What a conformance case is written with: its declaration, the calls of the provider
 * under test, the far end, the waits and the expectations.
 *
 * A case file includes this header only. Everything that a function below hands out
 * (sockets, buffers, events, windows, threads, peers) is owned by the harness and
 * released after the case; a case releases nothing but what its claim is about.
 *
 * Unless its comment says otherwise a function that cannot do its part of the set-up
 * ends the case as `blocked` with the reason; so nothing here needs checking. */
#ifndef WSPCHECK_SPI_CASE_H
#define WSPCHECK_SPI_CASE_H

#include "win.h"

#include <stdbool.h>
#include <stddef.h>

/* What a declaration or a row leaves out is zero, and that is meant. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

struct spi_private;
struct peer;
struct helper;

/* The running case. */
struct spi_test {
    SOCKET s;                       /* the provider's socket, made by the fixture */
    struct peer *peer;              /* its far end */
    SOCKET listener;                /* the provider's listening socket, if any */
    SOCKET other;                   /* a second socket, if the fixture makes one */
    struct peer *other_peer;        /* its far end */
    const WSAPROTOCOL_INFOW *entry; /* the entry under test */
    const WSPPROC_TABLE *table;     /* its function table */
    const void *row;                /* the row of a table case */
    struct spi_private *harness;
};

/* --- Declaring a case ---------------------------------------------------------- */

enum orientation { ANY_ORIENTATION, CONNECTION_ORIENTED, CONNECTIONLESS };
enum architecture { ANY_ARCHITECTURE, ON_I386, ON_X86_64 };
/* Whose pages a provider is measured by; its profile says so. A case belongs to one. */
enum dialect { WINDOWS, WINDOWS_CE };

/* To which entries a case applies; an all-zero struct applies to every entry. */
struct applies {
    DWORD has;                    /* XP1_ flags that the entry must have */
    DWORD has_not;                /* XP1_ flags that it must not have */
    enum orientation orientation; /* by XP1_CONNECTIONLESS */
    int protocol;                 /* iProtocol; 0: any */
    int family;                   /* iAddressFamily; 0: any */
    enum architecture architecture;
    enum dialect dialect;
    bool windows_2000; /* only providers that claim to run on it */
    WORD version;      /* version to negotiate; 0: 2.2 */
};

struct spi_case {
    const char *id;     /* <function>.<topic>.<claim>; never reused */
    const char *checks; /* requirement ids, separated by spaces */
    struct applies applies;
    void (*arrange)(struct spi_test *t); /* fixture; NULL: none */
    unsigned limit_ms;                   /* time limit; 0: the default */
    const char *wire;  /* claims about packets (wire_case.h); NULL: none */
    const char *tpdus; /* what the claim `tpdus` expects */
    /* Filled in by the macros below. */
    void (*body)(struct spi_test *t);
    const void *rows; /* each row starts with a const char * that completes the id */
    size_t row_size;
    size_t row_count;
    const char *file;
    int line;
};

/* One case. The body follows the macro, with `t` in scope. */
#define SPI_CASE(name, ...) \
    static void name##_body(struct spi_test *t); \
    static const struct spi_case name = { \
        .body = name##_body, .file = __FILE__, .line = __LINE__, __VA_ARGS__}; \
    static void name##_body(struct spi_test *t)

/* A case a row of `table`, an array of `type`, whose first member is the const char *
 * that is appended to the id behind a dot. The body has `t` and `row` in scope. */
#define SPI_TABLE(name, type, table, ...) \
    static void name##_row(struct spi_test *t, const type *row); \
    static void name##_body(struct spi_test *t) \
    { \
        name##_row(t, (const type *)t->row); \
    } \
    static const struct spi_case name = {.body = name##_body, \
                                         .rows = (table), \
                                         .row_size = sizeof((table)[0]), \
                                         .row_count = \
                                             sizeof(table) / sizeof((table)[0]), \
                                         .file = __FILE__, \
                                         .line = __LINE__, \
                                         __VA_ARGS__}; \
    static void name##_row(struct spi_test *t, const type *row)

struct spi_suite {
    const char *name;
    const struct spi_case *const *cases;
    size_t count;
};

/* The cases of a file, in reading order, at its end. A case that is forgotten here is
 * an unused constant and does not compile. The suite itself is listed in
 * conformance/cases/suites.def. */
#define SPI_SUITE(suite, ...) \
    static const struct spi_case *const suite##_list[] = {__VA_ARGS__}; \
    const struct spi_suite suite = { \
        #suite, suite##_list, sizeof(suite##_list) / sizeof(suite##_list[0])}

/* --- What a call did ----------------------------------------------------------- */

/* What *lpErrno holds before each call. */
#define ERRNO_POISON ((int)0x5AFE0BAD)

struct outcome {
    const char *function; /* "WSPRecvDisconnect" */
    bool failed;          /* SOCKET_ERROR, INVALID_SOCKET, FALSE: as documented */
    int result;           /* the returned int or BOOL */
    int error;            /* *lpErrno after the call; ERRNO_POISON: never written */
    SOCKET socket;        /* WSPSocket, WSPAccept */
    DWORD bytes;          /* bytes transferred or returned, when the call succeeded */
    DWORD flags;          /* lpFlags after the call */
    double ms;            /* how long the call took */
};

/* --- Expectations --------------------------------------------------------------- */

/* Each records expected and observed; a violated one makes the case `fail` and lets it
 * go on. To be used on the case's own thread only. */

/* The call reported success. */
#define EXPECT_SUCCEEDS(outcome) \
    spi_expect_succeeds(t, __FILE__, __LINE__, #outcome, (outcome))

/* The call reported failure and stored exactly this code. */
#define EXPECT_FAILS(outcome, code) \
    spi_expect_fails(t, __FILE__, __LINE__, #outcome, (outcome), (code))

/* One of several outcomes. */
struct accepted {
    int error;             /* the code; 0: success */
    const char *name;      /* what the report calls it: "data dropped" */
    const char *tolerated; /* which page allows it; NULL: it conforms */
};

/* One of these outcomes, each a struct accepted in braces. The one seen is reported by
 * name; a tolerated one makes the verdict `tolerated`. */
#define EXPECT_ONE_OF(outcome, ...) \
    spi_expect_one_of(t, \
                      __FILE__, \
                      __LINE__, \
                      #outcome, \
                      (outcome), \
                      (const struct accepted[]){__VA_ARGS__}, \
                      sizeof((const struct accepted[]){__VA_ARGS__}) / \
                          sizeof(struct accepted))

/* A condition; then a printf-like sentence of what is expected and one of what is
 * observed if it does not hold: EXPECT_THAT(n == 3, ("3 bytes"), ("%lu bytes", n)). */
#define EXPECT_THAT(condition, expected, observed) \
    spi_expect_that( \
        t, __FILE__, __LINE__, (condition), spi_text expected, spi_text observed)

/* `length` bytes at `actual` equal those at `expected`; names the first difference. */
#define EXPECT_BYTES(actual, expected, length) \
    spi_expect_bytes(t, __FILE__, __LINE__, #actual, (actual), (expected), (length))

/* A step that is set-up, not claim: failing, it ends the case as `blocked`. Gives the
 * outcome back. */
#define SETUP(outcome) spi_setup(t, __FILE__, __LINE__, #outcome, (outcome))

/* Ends the case as `blocked` with a printf-like reason: our set-up failed, or the
 * provider offers no way to provoke the situation. */
#define BLOCKED(...) spi_blocked(t, __FILE__, __LINE__, __VA_ARGS__)

/* Names what was seen where pages are silent; shown in the report (printf-like). */
#define OBSERVED(requirement, ...) spi_observed(t, (requirement), __VA_ARGS__)

/* Whether no expectation of this case has been violated so far. */
bool spi_clean(const struct spi_test *t);

/* How often a case repeats what seldom goes wrong: `full` times, or fewer where the
 * command line says so (--rounds). */
int rounds(const struct spi_test *t, int full);

/* --- Calls of the provider under test ------------------------------------------- */

/* Each goes through t->table with *lpErrno poisoned, and is recorded in the trace. They
 * may be called on helper threads and in callbacks. They never block the case. */

/* WSPRecvDisconnect on t->s. */
struct outcome recv_disconnect(struct spi_test *t, WSABUF *data);

struct outcome spi_recv_disconnect(struct spi_test *t, SOCKET s, WSABUF *data);
struct outcome spi_send_disconnect(struct spi_test *t, SOCKET s, WSABUF *data);
struct outcome spi_shutdown(struct spi_test *t, SOCKET s, int how);
struct outcome spi_close(struct spi_test *t, SOCKET s);

/* A socket of the entry; `flags` as WSA_FLAG_OVERLAPPED. */
struct outcome spi_socket(struct spi_test *t, DWORD flags);
struct outcome
spi_bind(struct spi_test *t, SOCKET s, const struct sockaddr *name, int length);
struct outcome spi_listen(struct spi_test *t, SOCKET s, int backlog);
struct outcome
spi_connect(struct spi_test *t, SOCKET s, const struct sockaddr *name, int length);
struct outcome spi_accept(struct spi_test *t,
                          SOCKET s,
                          struct sockaddr *name,
                          int *length,
                          LPCONDITIONPROC condition,
                          void *context);

/* One buffer, not overlapped. */
struct outcome
spi_recv(struct spi_test *t, SOCKET s, void *buffer, size_t size, DWORD flags);
struct outcome
spi_recv_from(struct spi_test *t, SOCKET s, void *buffer, size_t size, DWORD flags);
struct outcome
spi_send(struct spi_test *t, SOCKET s, const void *data, size_t size, DWORD flags);
struct outcome spi_send_to(struct spi_test *t,
                           SOCKET s,
                           const void *data,
                           size_t size,
                           const struct sockaddr *name,
                           int length);

/* Several buffers, overlapped if `overlapped` is not NULL. The harness remembers a
 * pending operation and demands its completion after the sockets are closed. */
struct outcome spi_recv_buffers(struct spi_test *t,
                                SOCKET s,
                                WSABUF *buffers,
                                DWORD count,
                                DWORD flags,
                                WSAOVERLAPPED *overlapped,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
struct outcome spi_recv_from_buffers(struct spi_test *t,
                                     SOCKET s,
                                     WSABUF *buffers,
                                     DWORD count,
                                     DWORD flags,
                                     WSAOVERLAPPED *overlapped,
                                     LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
struct outcome spi_send_buffers(struct spi_test *t,
                                SOCKET s,
                                WSABUF *buffers,
                                DWORD count,
                                DWORD flags,
                                WSAOVERLAPPED *overlapped,
                                LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
struct outcome spi_get_overlapped_result(struct spi_test *t,
                                         SOCKET s,
                                         WSAOVERLAPPED *overlapped,
                                         BOOL wait);

/* Calls the provider's WSARecvMsg with the check that the calls of its table have. */
LPFN_WSARECVMSG spi_checked_recv_msg(LPFN_WSARECVMSG function);

struct outcome spi_ioctl(struct spi_test *t,
                         SOCKET s,
                         DWORD code,
                         const void *in,
                         DWORD in_size,
                         void *out,
                         DWORD out_size);
struct outcome spi_set_nonblocking(struct spi_test *t, SOCKET s, bool on);
struct outcome spi_get_option(
    struct spi_test *t, SOCKET s, int level, int name, void *value, int *size);
struct outcome spi_set_option(
    struct spi_test *t, SOCKET s, int level, int name, const void *value, int size);
struct outcome
spi_get_sock_name(struct spi_test *t, SOCKET s, struct sockaddr *name, int *length);
struct outcome
spi_get_peer_name(struct spi_test *t, SOCKET s, struct sockaddr *name, int *length);
struct outcome
spi_event_select(struct spi_test *t, SOCKET s, WSAEVENT event, long mask);
struct outcome spi_enum_network_events(struct spi_test *t,
                                       SOCKET s,
                                       WSAEVENT event,
                                       WSANETWORKEVENTS *events);
struct outcome spi_async_select(
    struct spi_test *t, SOCKET s, HWND window, unsigned message, long mask);
/* `result` is the number of ready sockets. */
struct outcome spi_select(struct spi_test *t,
                          fd_set *readable,
                          fd_set *writable,
                          fd_set *exceptional,
                          const struct timeval *timeout);
struct outcome spi_cancel_blocking_call(struct spi_test *t);
struct outcome spi_duplicate_socket(struct spi_test *t,
                                    SOCKET s,
                                    DWORD process,
                                    WSAPROTOCOL_INFOW *info);
/* A socket from what spi_duplicate_socket gave. */
struct outcome spi_socket_from(struct spi_test *t, WSAPROTOCOL_INFOW *info);

/* --- Fixtures: say what is true afterwards --------------------------------------- */

/* s: a new socket (blocking, overlapped attribute), nothing done with it. */
void fresh_socket(struct spi_test *t);
/* s: bound to the worker's address and a free port. */
void bound_socket(struct spi_test *t);
/* s == listener: listening; connection-oriented entries only. */
void listening_socket(struct spi_test *t);
/* s: connected to `peer` by WSPConnect. Connectionless: s is bound, its default
 * destination is the peer, and the peer is connected to s. */
void connected_pair(struct spi_test *t);
/* s: accepted from `listener` by WSPAccept, far end is `peer`. Connectionless entries:
 * same as connected_pair. */
void accepted_pair(struct spi_test *t);
/* s/peer and other/other_peer: two independent connected pairs. */
void two_connected_pairs(struct spi_test *t);
/* s: connected by WSPConnect to `listener`, other: accepted there by WSPAccept; both
 * ends are the provider's, there is no peer. */
void self_to_self(struct spi_test *t);
/* s: nonblocking, its WSPConnect answered WSAEWOULDBLOCK and cannot complete: the far
 * listener's queue is full. */
void connect_pending(struct spi_test *t);
/* s: its blocking WSPConnect was refused. */
void connect_refused(struct spi_test *t);

/* The address of a far listener whose queue is full: a WSPConnect to it stays pending.
 */
void full_listener(struct spi_test *t, struct sockaddr_storage *address, int *length);

/* As connected_pair (or accepted_pair), for a body that needs a pair of its own. */
void connect_pair(struct spi_test *t, SOCKET *s, struct peer **peer);
void accept_pair(struct spi_test *t, SOCKET *s, struct peer **peer);

/* --- The far end ------------------------------------------------------------------ */

/* A peer is a socket of the system's Winsock, never one of the provider. For AF_ISO it
 * speaks the ISO transport on TCP by an implementation of the suite's own. */

/* The peer's own socket and address, for what the verbs below do not cover. */
SOCKET peer_socket(const struct peer *peer);
const struct sockaddr *peer_address(const struct peer *peer, int *length);

/* Sends all; returns when the system has taken them. */
void peer_sends(struct spi_test *t, struct peer *peer, const void *data, size_t size);
/* Nonblocking send; number of bytes taken, or -1 with the code in *error. */
int peer_tries_to_send(struct peer *peer, const void *data, size_t size, int *error);
/* Sends without ever blocking until the system refuses (`*error`, WSAEWOULDBLOCK when
 * all queues are full), trying again for `patience_ms` before it believes that; gives
 * the number of bytes taken. Stops at 64 MiB. */
size_t peer_sends_until_full(struct spi_test *t,
                             struct peer *peer,
                             unsigned patience_ms,
                             int *error);
/* Receives up to `size` bytes within the default wait; 0: the provider's side ended its
 * sending; -1: error in *error (WSAETIMEDOUT: nothing came). */
int peer_receives(
    struct spi_test *t, struct peer *peer, void *buffer, size_t size, int *error);
/* Ends the peer's side gracefully, with disconnect data if the protocol has them
 * (`size` 0: none), and waits until that has reached t->s's host. The peer can still
 * receive. */
void peer_disconnects(struct spi_test *t, const void *data, size_t size);
/* The same for any peer. For entries with XP1_DISCONNECT_DATA, as the next two; with
 * them it is also the answer to the provider's own disconnect. */
void peer_says_farewell(struct spi_test *t,
                        struct peer *peer,
                        const void *data,
                        size_t size);
/* Answers the provider's disconnect without data. */
void peer_confirms(struct spi_test *t, struct peer *peer);

enum farewell_kind {
    NO_FAREWELL,
    DISCONNECT,  /* by the provider's side first, or as its answer to the peer's */
    CONFIRMATION /* its answer without data to the peer's */
};

struct farewell {
    enum farewell_kind kind;
    size_t size;
    char data[64];
    const char *why; /* what came, or why nothing did */
};

/* What the provider's side said to end the connection, within the default wait. To the
 * answer of its own disconnect the peer drops data that come before; otherwise data
 * before it are to be received first. */
struct farewell peer_takes_farewell(struct spi_test *t, struct peer *peer);

/* Closes: gracefully; or with a reset. Connectionless: just closes. */
void peer_closes(struct spi_test *t, struct peer *peer);
void peer_resets(struct spi_test *t, struct peer *peer);
/* A pair whose far end lives in a process of its own (t->s; t->peer is NULL), and the
 * sudden end of that process. */
void connected_to_process(struct spi_test *t);
void peer_process_dies(struct spi_test *t);
/* A further peer that has begun to connect to the local address of `listener`, a socket
 * of the provider. Nobody has accepted it yet. */
struct peer *peer_connects(struct spi_test *t, SOCKET listener);
/* A further peer that takes connections, at most `backlog` at a time where the system
 * counts them, or datagrams; nobody asks for what it took. */
struct peer *listening_peer(struct spi_test *t, int backlog);
/* A further unconnected datagram peer, and a datagram from it to `s`'s local address.
 */
struct peer *datagram_peer(struct spi_test *t);
void peer_sends_to(
    struct spi_test *t, struct peer *peer, SOCKET s, const void *data, size_t size);

/* The worker's address with this port (host order), as the entry's family has it. */
void worker_address(struct spi_test *t,
                    unsigned short port,
                    struct sockaddr_storage *address,
                    int *length);
/* The address of the system below `address`: itself, but for protocols on top of TCP;
 * and a new socket of the system of the kind that is below the entry, which the caller
 * closes. */
void system_address(const struct sockaddr *address,
                    struct sockaddr_storage *system,
                    int *length);
SOCKET system_socket(const struct spi_test *t);
unsigned short port_of(const struct sockaddr *address);
unsigned short local_port(struct spi_test *t, SOCKET s);

/* Bytes that the kernel holds queued for reception on this local port of the worker's
 * address (rx_queue of /proc/net/{tcp,udp}{,6}); `blocked` where there is no such
 * table. */
size_t kernel_receive_queue(struct spi_test *t, unsigned short port);

/* --- Waits ------------------------------------------------------------------------ */

/* Waits for something to happen; after the default wait (5 s) it did not. */
bool await(struct spi_test *t, HANDLE object);
bool await_for(struct spi_test *t, HANDLE object, unsigned ms);
/* s is readable / writable by the provider's own WSPSelect; else `blocked`. */
void await_readable(struct spi_test *t, SOCKET s);
void await_writable(struct spi_test *t, SOCKET s);
/* The claim is that nothing happens: waits `ms` (counted as a declared wait) and says
 * whether `object` stayed unsignalled. Alertable: queued APCs run. */
bool stays_quiet(struct spi_test *t, HANDLE object, unsigned ms);
/* Alertable wait until *flag is true or the default wait is over; gives *flag. */
bool await_flag_alertably(struct spi_test *t, const volatile bool *flag);

/* A manual-reset event, not signalled. */
WSAEVENT new_event(struct spi_test *t);
/* A message-only window and a message of it; false if none came within `ms`. */
HWND new_window(struct spi_test *t);
bool await_message(struct spi_test *t,
                   HWND window,
                   unsigned message,
                   unsigned ms,
                   WPARAM *wparam,
                   LPARAM *lparam);
/* An overlapped structure with an event of its own (`event` true) or none. */
WSAOVERLAPPED *new_overlapped(struct spi_test *t, bool event);

/* Runs `work(context)` on another thread. It may make calls and use peers, and must not
 * use expectations. */
struct helper *
start_helper(struct spi_test *t, void (*work)(void *context), void *context);
/* Whether it ended within `ms`; it is joined then. A helper that has not ended when the
 * case is torn down makes the case fail. */
bool helper_ends(struct spi_test *t, struct helper *helper, unsigned ms);
/* A helper is about to block: returns when the thread has been waiting (not running)
 * for a moment, judged by the call trace and the thread's processor time. */
void await_blocked(struct spi_test *t, struct helper *helper);

/* --- The provider's file --------------------------------------------------------- */

/* The image that holds a function; NULL if no image does. */
HMODULE image_of(const void *function);
/* The oldest version of Windows that the image says it runs on, as MAKEWORD(major,
 * minor): its subsystem version. */
WORD image_oldest_windows(HMODULE image);

struct import {
    const char *library; /* "KERNEL32.dll" */
    const char *name;    /* NULL: imported by number */
};

/* The index-th thing that the image imports; false: there are no more. */
bool image_import(HMODULE image, size_t index, struct import *import);

/* --- Memory ----------------------------------------------------------------------- */

/* `size` bytes that end at an inaccessible page, with canaries before them, filled with
 * a pattern. Writing outside is the case's finding. */
WSABUF guarded_buffer(struct spi_test *t, size_t size);
/* Whether the `size` bytes from `from` on still hold the pattern. */
bool guarded_untouched(struct spi_test *t, const char *from, size_t size);
/* `size` bytes that cannot be read; that can be read, not written; whose first half can
 * be written and whose second half cannot be accessed. */
void *inaccessible_memory(struct spi_test *t, size_t size);
void *readonly_memory(struct spi_test *t, size_t size);
void *half_accessible_memory(struct spi_test *t, size_t size);

/* --- The host's side -------------------------------------------------------------- */

/* The blocking callback that WPUQueryBlockingCallback gives to the calling thread;
 * NULL: none. Reset after the case. */
void set_blocking_callback(struct spi_test *t, BOOL (*callback)(void *), void *context);
/* How often the provider asked for it, and how often it was called, in this case. */
unsigned blocking_callback_queries(const struct spi_test *t);
unsigned blocking_callback_calls(const struct spi_test *t);
/* Whether it has asked for one in any case of this process so far: a provider that does
 * is worth waiting for. */
bool asks_for_blocking_callback(const struct spi_test *t);
/* Number of calls of an upcall by name ("WPUCloseSocketHandle") in this case. */
unsigned upcall_count(const struct spi_test *t, const char *name);
/* How often WPUCloseSocketHandle was called for this descriptor since it was made. What
 * a layer's base does with descriptors of its own does not count. */
unsigned descriptor_closes(const struct spi_test *t, SOCKET s);

/* Queues an APC to the calling thread that sets *ran to true. */
void queue_own_apc(struct spi_test *t, volatile bool *ran);

/* Tells the provider by fixtures/include/wspcheck_fault.h that the network subsystem
 * has failed, or works again; `blocked` if it does not offer the extension, and against
 * the profile if that claims it (--faults). Reset after the case. */
void network_fails(struct spi_test *t);
void network_recovers(struct spi_test *t);

/* Handles of this process, of every kind. */
unsigned process_handles(struct spi_test *t);

/* --- Text ------------------------------------------------------------------------- */

/* Formats into memory of the running case. */
const char *spi_text(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "WSAEFAULT (10014)"; "untouched" for ERRNO_POISON. Of the running case. */
const char *error_text(int error);

/* --- Behind the macros ------------------------------------------------------------ */

void spi_expect_succeeds(
    struct spi_test *t, const char *file, int line, const char *text, struct outcome o);
void spi_expect_fails(struct spi_test *t,
                      const char *file,
                      int line,
                      const char *text,
                      struct outcome o,
                      int code);
/* Index of the accepted outcome that was seen; -1: none, the case fails. */
int spi_expect_one_of(struct spi_test *t,
                      const char *file,
                      int line,
                      const char *text,
                      struct outcome o,
                      const struct accepted *accepted,
                      size_t count);
void spi_expect_that(struct spi_test *t,
                     const char *file,
                     int line,
                     bool condition,
                     const char *expected,
                     const char *observed);
void spi_expect_bytes(struct spi_test *t,
                      const char *file,
                      int line,
                      const char *text,
                      const void *actual,
                      const void *expected,
                      size_t length);
struct outcome spi_setup(
    struct spi_test *t, const char *file, int line, const char *text, struct outcome o);
void spi_blocked(struct spi_test *t,
                 const char *file,
                 int line,
                 const char *format,
                 ...) __attribute__((format(printf, 4, 5), noreturn));
void spi_observed(struct spi_test *t, const char *requirement, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
