/* WSPRecvDisconnect: pointers to memory that cannot be used. */
#include "reception.h"

/* Each gives what is passed as lpInboundDisconnectData; `data` is a place for it. */

static WSABUF *structure_unreadable(struct spi_test *t, WSABUF *data)
{
    (void)data;
    return inaccessible_memory(t, sizeof(WSABUF));
}

static WSABUF *structure_half_readable(struct spi_test *t, WSABUF *data)
{
    (void)data;
    return half_accessible_memory(t, sizeof(WSABUF));
}

static WSABUF *buffer_inaccessible(struct spi_test *t, WSABUF *data)
{
    *data = (WSABUF){64, inaccessible_memory(t, 64)};
    return data;
}

static WSABUF *buffer_readonly(struct spi_test *t, WSABUF *data)
{
    *data = (WSABUF){64, readonly_memory(t, 64)};
    return data;
}

static WSABUF *buffer_half_accessible(struct spi_test *t, WSABUF *data)
{
    *data = (WSABUF){64, half_accessible_memory(t, 64)};
    return data;
}

static WSABUF *buffer_null(struct spi_test *t, WSABUF *data)
{
    (void)t;
    *data = (WSABUF){64, NULL};
    return data;
}

static const struct pointer {
    const char *name;
    WSABUF *(*make)(struct spi_test *t, WSABUF *data);
} pointers[] = {
    {"structure_unreadable", structure_unreadable},
    {"structure_half_readable", structure_half_readable},
    {"buffer_inaccessible", buffer_inaccessible},
    {"buffer_readonly", buffer_readonly},
    {"buffer_half_accessible", buffer_half_accessible},
    {"buffer_null", buffer_null},
};

/* RD-29, RD-21: without disconnect data the pointer need not be looked at; whatever the
 * provider does with it, it survives, and a failed call changes nothing. */
SPI_TABLE(pointer_not_needed,
          struct pointer,
          pointers,
          .id = "recv_disconnect.pointer.not_needed",
          .checks = "RD-29 RD-21",
          .applies = {.has_not = XP1_DISCONNECT_DATA},
          .arrange = connected_pair)
{
    WSABUF data;
    struct outcome o = recv_disconnect(t, row->make(t, &data));

    EXPECT_ONE_OF(o,
                  {WSAENOPROTOOPT, "refused as a buffer"},
                  {WSAEFAULT, "refused as a pointer"},
                  {0, "reception ends, the pointer is not used", TAKEN_BY_API_PAGE});
    if (o.failed)
        expect_reception(t, t->s, t->peer);
}

/* RD-29, RD-21: data that cannot be stored are kept for a call with a better pointer.
 */
SPI_TABLE(pointer_refused,
          struct pointer,
          pointers,
          .id = "recv_disconnect.pointer.refused",
          .checks = "RD-29 RD-21",
          .applies = {.has = XP1_DISCONNECT_DATA},
          .arrange = connected_pair)
{
    static const char farewell[] = "longer than the half that can be written to";
    WSABUF bad, good = guarded_buffer(t, 64);

    peer_disconnects(t, farewell, sizeof farewell);
    await_readable(t, t->s);
    EXPECT_FAILS(recv_disconnect(t, row->make(t, &bad)), WSAEFAULT);
    EXPECT_SUCCEEDS(recv_disconnect(t, &good));
    EXPECT_BYTES(good.buf, farewell, sizeof farewell);
}

SPI_SUITE(recv_disconnect_pointer, &pointer_not_needed, &pointer_refused);
