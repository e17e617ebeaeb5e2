/* WSPRecvDisconnect: called inside the condition function of WSPAccept, while the
 * provider processes a callback. */
#include "reception.h"

struct decision {
    const char *name;
    int answer;          /* of the condition function */
    int error;           /* with which WSPAccept then fails; 0: it succeeds */
    bool about_listener; /* the nested call is about the listening socket */
};

static const struct decision decisions[] = {
    {"accept", CF_ACCEPT, 0},
    {"accept_same_socket", CF_ACCEPT, 0, .about_listener = true},
    {"reject", CF_REJECT, WSAECONNREFUSED},
    {"defer", CF_DEFER, WSATRY_AGAIN},
};

struct nesting {
    struct spi_test *t;
    const struct decision *decision;
    SOCKET target;
    struct outcome inner;
};

static int CALLBACK condition(LPWSABUF caller_id,
                              LPWSABUF caller_data,
                              LPQOS service,
                              LPQOS group_service,
                              LPWSABUF callee_id,
                              LPWSABUF callee_data,
                              GROUP *group,
                              DWORD_PTR context)
{
    struct nesting *nesting = (struct nesting *)context;

    (void)caller_id, (void)caller_data, (void)service, (void)group_service;
    (void)callee_id, (void)callee_data, (void)group;
    nesting->inner = spi_recv_disconnect(nesting->t, nesting->target, NULL);
    return nesting->decision->answer;
}

static void expect_inner(struct spi_test *t, const struct nesting *nesting, bool nests)
{
    struct accepted accepted[2] = {{WSAEINPROGRESS, "calls in callbacks are refused"}};
    size_t count = 1;

    if (nesting->decision->about_listener)
        accepted[count++] = (struct accepted){WSAENOTCONN, "not connected"};
    else if (nests)
        accepted[count++] = (struct accepted){0, "calls in callbacks are allowed"};
    spi_expect_one_of(
        t, __FILE__, __LINE__, "nested call", nesting->inner, accepted, count);
}

/* `nests`: calls in callbacks may be allowed. */
static void nest(struct spi_test *t, const struct decision *row, bool nests)
{
    struct nesting nesting = {.t = t, .decision = row};
    struct peer *caller = peer_connects(t, t->listener), *peer;
    struct outcome outer;
    SOCKET other;

    connect_pair(t, &other, &peer);
    nesting.target = row->about_listener ? t->listener : other;
    await_readable(t, t->listener);
    outer = spi_accept(t, t->listener, NULL, NULL, condition, &nesting);
    if (!nesting.inner.function)
        BLOCKED("WSPAccept did not call its condition function");
    expect_inner(t, &nesting, nests);
    if (row->error) {
        EXPECT_FAILS(outer, row->error);
    } else {
        EXPECT_SUCCEEDS(outer);
        if (!outer.failed)
            expect_reception(t, outer.socket, caller);
    }
    if (nesting.inner.failed)
        expect_reception(t, other, peer);
}

/* RD-9: from version 2.0 on the call may be refused or allowed; WSPAccept does what the
 * condition function decides. */
SPI_TABLE(callback_nested,
          struct decision,
          decisions,
          .id = "recv_disconnect.callback.nested",
          .checks = "RD-9 RD-21",
          .applies = {.orientation = CONNECTION_ORIENTED},
          .arrange = listening_socket)
{
    nest(t, row, true);
}

/* RD-9: below version 2.0 it is refused. What the sockets do afterwards is looked at
 * here, too, but a verdict could not tell whether it is the refusal that is missing or
 * its lack of effect (RD-21): callback_nested asks for that. */
SPI_TABLE(callback_refused,
          struct decision,
          decisions,
          .id = "recv_disconnect.callback.refused_by_1_1",
          .checks = "RD-9",
          .applies = {.orientation = CONNECTION_ORIENTED, .version = 0x0101},
          .arrange = listening_socket)
{
    nest(t, row, false);
}

SPI_SUITE(recv_disconnect_callback, &callback_nested, &callback_refused);
