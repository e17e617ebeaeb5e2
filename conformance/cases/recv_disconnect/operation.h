/* Operations that need a second look, for the cases of this folder: calls on a thread
 * of their own, which may hang without hanging the case, and completion routines. */
#ifndef WSPCHECK_RECV_DISCONNECT_OPERATION_H
#define WSPCHECK_RECV_DISCONNECT_OPERATION_H

#include "spi_case.h"

/* How long a call that must not block may take, in milliseconds. Generous, since the
 * machine may be busy: a call that blocks takes for ever, or the 30 s of a linger. */
#define AT_ONCE_MS 1000

/* How long "still pending", or "nothing is told", is watched, in milliseconds. Long
 * enough for what is on its way, since all of it is local; short, since several cases
 * wait it. No verdict hangs on it, only what is reported as observed. */
#define STILL_PENDING_MS 50

/* Calls of the provider as a function; what else they need is in `context`. */
typedef struct outcome provider_call(struct spi_test *t, void *context);

/* A call on a helper thread. */
struct operation {
    struct spi_test *t;
    provider_call *call;
    void *context;
    struct helper *helper;
    HANDLE returned;        /* signalled when the call has returned */
    struct outcome outcome; /* once it has ended */
};

/* Starts `call(t, context)`. The operation must live until it has ended. */
void operation_start(struct spi_test *t,
                     struct operation *operation,
                     provider_call *call,
                     void *context);
bool operation_ends(struct operation *operation, unsigned ms);
/* The same where it is expected that it goes on: a declared wait. */
bool operation_goes_on(struct operation *operation, unsigned ms);

/* Makes a call that must return within AT_ONCE_MS. If it does not, the case fails, t->s
 * is reset and closed to free the thread, and false is returned. */
bool returns_at_once(struct spi_test *t,
                     const char *what,
                     provider_call *call,
                     void *context,
                     struct outcome *outcome);

/* Sends on t->s, which must be nonblocking, until the provider takes no more; the peer
 * does not read. Gives the send that failed. */
struct outcome fill_sending_side(struct spi_test *t);

/* A peer that takes connections, at most `backlog` at a time, or datagrams. */
struct target {
    struct peer *peer;
    struct sockaddr_storage name;
    int length;
};

struct target open_target(struct spi_test *t, int backlog);

/* What a receive on the peer's socket meets now: WSAEWOULDBLOCK: nothing; 0: data or
 * the graceful end; else the error. Not by select, which on Wine takes the error away.
 */
int peer_meets(struct peer *peer);
/* What the peer met as the outcome of a function of its own; 0: success. */
struct outcome peer_outcome(const char *what, int error);

/* Two pages differ about data that a TCP connection holds or gets when its reception is
 * ended: WSPRecvDisconnect's says they are accepted, WSARecvDisconnect's and
 * WSPShutdown's that the connection is reset. Appends to `accepted` how a call then
 * fails, as tolerated, if the entry is TCP; gives the new count, at most two more. */
size_t
tolerate_reset(const struct spi_test *t, struct accepted *accepted, size_t count);

/* What a completion routine was told. */
struct completion {
    HANDLE done; /* signalled by the routine */
    DWORD error;
    DWORD bytes;
};

/* An overlapped structure for an operation with the routine below. */
WSAOVERLAPPED *new_overlapped_with(struct spi_test *t, struct completion *completion);
void CALLBACK completion_routine(DWORD error,
                                 DWORD bytes,
                                 LPWSAOVERLAPPED overlapped,
                                 DWORD flags);

#endif
