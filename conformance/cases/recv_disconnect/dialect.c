/* WSPRecvDisconnect as the pages of Windows CE have it. */
#include "spi_case.h"

static const struct situation {
    const char *name;
    bool connected;
    bool with_buffer;
} situations[] = {
    {"connected", .connected = true},
    {"connected.with_buffer", .connected = true, .with_buffer = true},
    {"fresh", .connected = false},
    {"fresh.with_buffer", .with_buffer = true},
};

/* RD-32: the default provider of Windows CE always fails, with one code. */
SPI_TABLE(windows_ce,
          struct situation,
          situations,
          .id = "recv_disconnect.dialect.windows_ce",
          .checks = "RD-32",
          .applies = {.dialect = WINDOWS_CE})
{
    WSABUF data = guarded_buffer(t, 64);

    if (row->connected)
        connected_pair(t);
    else
        fresh_socket(t);
    EXPECT_FAILS(recv_disconnect(t, row->with_buffer ? &data : NULL),
                 WSASYSCALLFAILURE);
}

SPI_SUITE(recv_disconnect_dialect, &windows_ce);
