/* The SPI calls that the driver can be asked for. */
#include "drive_private.h"
#include "json.h"
#include "peer.h"
#include "running.h"

#include <string.h>

/* The length of a buffer before a call that is not to depend on what it becomes. */
static void
receive(struct drive *d,
        struct outcome (*call)(struct spi_test *, SOCKET, void *, size_t, DWORD))
{
    WSABUF buffer = guarded_buffer(d->t, drive_number(d, 2));
    struct outcome outcome =
        call(d->t, drive_socket(d, 1), buffer.buf, buffer.len, drive_number(d, 3));

    drive_tell(d, outcome);
    drive_tell_data(
        d, buffer.buf, outcome.bytes < buffer.len ? outcome.bytes : buffer.len);
}

static void make_socket(struct drive *d)
{
    struct outcome outcome = spi_socket(d->t, WSA_FLAG_OVERLAPPED);

    drive_tell(d, outcome);
    if (!outcome.failed)
        drive_tell_socket(d, outcome.socket);
}

static void bind_socket(struct drive *d)
{
    struct sockaddr_storage address;
    int length;

    worker_address(d->t, 0, &address, &length);
    drive_tell(d,
               spi_bind(d->t, drive_socket(d, 1), (struct sockaddr *)&address, length));
}

static void listen_on(struct drive *d)
{
    drive_tell(d, spi_listen(d->t, drive_socket(d, 1), 5));
}

static void connect_to(struct drive *d)
{
    int length;
    const struct sockaddr *address = peer_address(drive_peer(d, 2), &length);

    drive_tell(d, spi_connect(d->t, drive_socket(d, 1), address, length));
}

static void accept_from(struct drive *d)
{
    struct outcome outcome =
        spi_accept(d->t, drive_socket(d, 1), NULL, NULL, NULL, NULL);

    drive_tell(d, outcome);
    if (!outcome.failed)
        drive_tell_socket(d, outcome.socket);
}

static void send_data(struct drive *d)
{
    WSABUF data = drive_data(d, 2);

    drive_tell(d, spi_send(d->t, drive_socket(d, 1), data.buf, data.len, 0));
}

static void receive_data(struct drive *d)
{
    receive(d, spi_recv);
}

static void receive_from(struct drive *d)
{
    receive(d, spi_recv_from);
}

static void shut_down(struct drive *d)
{
    drive_tell(d, spi_shutdown(d->t, drive_socket(d, 1), (int)drive_number(d, 2)));
}

static void send_disconnect(struct drive *d)
{
    WSABUF data = {0};
    bool null = drive_is_null(d, 2);

    if (!null)
        data = drive_data(d, 2);
    drive_tell(d, spi_send_disconnect(d->t, drive_socket(d, 1), null ? NULL : &data));
}

/* All of the buffer is told: no page says that `len` becomes the number of bytes. */
static void receive_disconnect(struct drive *d)
{
    bool null = drive_is_null(d, 2);
    WSABUF data = {0};
    const char *from;
    size_t size;

    if (null) {
        drive_tell(d, spi_recv_disconnect(d->t, drive_socket(d, 1), NULL));
        return;
    }
    data = guarded_buffer(d->t, drive_number(d, 2));
    from = data.buf;
    size = data.len;
    drive_tell(d, spi_recv_disconnect(d->t, drive_socket(d, 1), &data));
    json_number(d->answer, "len", data.len);
    while (size && guarded_untouched(d->t, from + size - 1, 1))
        --size;
    drive_tell_data(d, from, size);
}

static void close_socket(struct drive *d)
{
    drive_tell(d, spi_close(d->t, drive_socket(d, 1)));
}

static void
get_name(struct drive *d,
         struct outcome (*call)(struct spi_test *, SOCKET, struct sockaddr *, int *))
{
    struct sockaddr_storage address;
    int length = sizeof address;
    struct outcome outcome =
        call(d->t, drive_socket(d, 1), (struct sockaddr *)&address, &length);

    drive_tell(d, outcome);
    if (!outcome.failed)
        json_number(d->answer, "port", port_of((struct sockaddr *)&address));
}

static void get_sock_name(struct drive *d)
{
    get_name(d, spi_get_sock_name);
}

static void get_peer_name(struct drive *d)
{
    get_name(d, spi_get_peer_name);
}

static void set_linger(struct drive *d)
{
    struct linger linger = {.l_onoff = (u_short)drive_number(d, 2),
                            .l_linger = (u_short)drive_number(d, 3)};

    drive_tell(
        d,
        spi_set_option(
            d->t, drive_socket(d, 1), SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
}

static void set_nonblocking(struct drive *d)
{
    drive_tell(d,
               spi_set_nonblocking(d->t, drive_socket(d, 1), drive_number(d, 2) != 0));
}

static void await_ready(struct drive *d)
{
    if (!strcmp(d->words[2], "readable"))
        await_readable(d->t, drive_socket(d, 1));
    else if (!strcmp(d->words[2], "writable"))
        await_writable(d->t, drive_socket(d, 1));
    else
        blocked("a socket is awaited readable or writable, not `%s`", d->words[2]);
}

const struct drive_command drive_calls[] = {
    {"socket", 0, make_socket},
    {"bind", 1, bind_socket},                   /* S */
    {"listen", 1, listen_on},                   /* S */
    {"connect", 2, connect_to},                 /* S PEER */
    {"accept", 1, accept_from},                 /* S */
    {"send", 2, send_data},                     /* S DATA */
    {"recv", 3, receive_data},                  /* S SIZE FLAGS */
    {"recv_from", 3, receive_from},             /* S SIZE FLAGS */
    {"shutdown", 2, shut_down},                 /* S HOW */
    {"send_disconnect", 2, send_disconnect},    /* S DATA|null */
    {"recv_disconnect", 2, receive_disconnect}, /* S SIZE|null */
    {"close", 1, close_socket},                 /* S */
    {"getsockname", 1, get_sock_name},          /* S */
    {"getpeername", 1, get_peer_name},          /* S */
    {"linger", 3, set_linger},                  /* S ONOFF SECONDS */
    {"nonblocking", 2, set_nonblocking},        /* S 0|1 */
    {"await", 2, await_ready},                  /* S readable|writable */
    {NULL, 0, NULL},
};
