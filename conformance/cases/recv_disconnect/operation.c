#include "operation.h"

static void run(void *context)
{
    struct operation *operation = context;

    operation->outcome = operation->call(operation->t, operation->context);
    SetEvent(operation->returned);
}

void operation_start(struct spi_test *t,
                     struct operation *operation,
                     provider_call *call,
                     void *context)
{
    operation->t = t;
    operation->call = call;
    operation->context = context;
    operation->returned = new_event(t);
    operation->helper = start_helper(t, run, operation);
}

bool operation_ends(struct operation *operation, unsigned ms)
{
    return helper_ends(operation->t, operation->helper, ms);
}

bool operation_goes_on(struct operation *operation, unsigned ms)
{
    return stays_quiet(operation->t, operation->returned, ms) ||
           !operation_ends(operation, AT_ONCE_MS);
}

bool returns_at_once(struct spi_test *t,
                     const char *what,
                     provider_call *call,
                     void *context,
                     struct outcome *outcome)
{
    struct operation operation;
    bool ended;

    operation_start(t, &operation, call, context);
    ended = operation_ends(&operation, AT_ONCE_MS);
    EXPECT_THAT(ended,
                ("%s to return at once", what),
                ("that it had not after %d ms", AT_ONCE_MS));
    if (!ended) {
        /* Without a connection the close has nothing to linger for. */
        if (t->peer)
            peer_resets(t, t->peer);
        spi_close(t, t->s);
        if (!operation_ends(&operation, AT_ONCE_MS))
            BLOCKED("%s does not return even when its socket is closed", what);
    }
    *outcome = operation.outcome;
    return ended;
}

struct outcome fill_sending_side(struct spi_test *t)
{
    static const char chunk[65536];
    struct outcome o;

    do
        o = spi_send(t, t->s, chunk, sizeof chunk, 0);
    while (!o.failed);
    return o;
}

struct target open_target(struct spi_test *t, int backlog)
{
    struct target target = {.peer = listening_peer(t, backlog)};
    const struct sockaddr *name = peer_address(target.peer, &target.length);

    memcpy(&target.name, name, (size_t)target.length);
    return target;
}

int peer_meets(struct peer *peer)
{
    char byte;

    return recv(peer_socket(peer), &byte, 1, MSG_PEEK) >= 0 ? 0 : WSAGetLastError();
}

struct outcome peer_outcome(const char *what, int error)
{
    return (struct outcome){.function = what,
                            .failed = error != 0,
                            .result = error ? -1 : 0,
                            .error = error};
}

size_t tolerate_reset(const struct spi_test *t, struct accepted *accepted, size_t count)
{
    static const char page[] = "WSARecvDisconnect and WSPShutdown: the connection is "
                               "reset when data are queued or arrive";

    if (t->entry->iProtocol != IPPROTO_TCP)
        return count;
    accepted[count++] = (struct accepted){WSAECONNRESET, "connection reset", page};
    accepted[count++] = (struct accepted){WSAECONNABORTED, "connection ended", page};
    return count;
}

WSAOVERLAPPED *new_overlapped_with(struct spi_test *t, struct completion *completion)
{
    WSAOVERLAPPED *overlapped = new_overlapped(t, false);

    /* With a completion routine hEvent is ignored and free for the client. */
    overlapped->hEvent = completion;
    completion->done = new_event(t);
    return overlapped;
}

void CALLBACK completion_routine(DWORD error,
                                 DWORD bytes,
                                 LPWSAOVERLAPPED overlapped,
                                 DWORD flags)
{
    struct completion *completion = overlapped->hEvent;

    (void)flags;
    completion->error = error;
    completion->bytes = bytes;
    SetEvent(completion->done);
}
