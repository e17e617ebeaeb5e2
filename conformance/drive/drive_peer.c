/* The deeds of peers that the driver can be asked for. */
#include "drive_private.h"
#include "error_name.h"
#include "json.h"
#include "peer.h"
#include "running.h"

static void tell_error(struct drive *d, int error)
{
    if (error)
        json_member(
            d->answer, "error", error_name(error) ? error_name(error) : "unknown");
}

/* Takes connections, or datagrams. */
static void make_listening(struct drive *d)
{
    drive_tell_peer(d, listening_peer(d->t, 1));
}

/* Its port is taken, and nobody listens there. */
static void make_silent(struct drive *d)
{
    drive_tell_peer(d, peer_new(d->t, -1));
}

/* The far end of a connection that the provider made to a listening peer. */
static void accepted(struct drive *d)
{
    drive_tell_peer(d, peer_accepted(d->t, drive_peer(d, 1)));
}

/* Begins to connect to a socket of the provider; datagrams: from now on the socket is
 * where it sends to. */
static void connects(struct drive *d)
{
    drive_tell_peer(d, peer_connects(d->t, drive_socket(d, 1)));
}

/* The same for a peer that is there already. */
static void turns_to(struct drive *d)
{
    struct sockaddr_storage address;
    int length;

    worker_address(d->t, local_port(d->t, drive_socket(d, 2)), &address, &length);
    peer_connects_to(d->t, drive_peer(d, 1), (const struct sockaddr *)&address, length);
}

static void is_connected(struct drive *d)
{
    if (!peer_is_connected(drive_peer(d, 1), DEFAULT_WAIT_MS))
        blocked("the peer's connect did not complete");
}

static void sends(struct drive *d)
{
    WSABUF data = drive_data(d, 2);

    peer_sends(d->t, drive_peer(d, 1), data.buf, data.len);
}

static void tries_to_send(struct drive *d)
{
    WSABUF data = drive_data(d, 2);
    int error;
    int sent = peer_tries_to_send(drive_peer(d, 1), data.buf, data.len, &error);

    json_number(d->answer, "bytes", sent);
    tell_error(d, sent < 0 ? error : 0);
}

static void receives(struct drive *d)
{
    static char buffer[DRIVE_DATA];
    unsigned size = drive_number(d, 2);
    int error, got;

    got = peer_receives(d->t,
                        drive_peer(d, 1),
                        buffer,
                        size < sizeof buffer ? size : sizeof buffer,
                        &error);
    json_number(d->answer, "bytes", got);
    tell_error(d, error);
    drive_tell_data(d, buffer, got > 0 ? (size_t)got : 0);
}

static void disconnects(struct drive *d)
{
    WSABUF data = drive_data(d, 2);

    peer_says_farewell(d->t, drive_peer(d, 1), data.buf, data.len);
}

static void ends_sending(struct drive *d)
{
    struct peer *peer = drive_peer(d, 1);

    if (shutdown(peer_socket(peer), SD_SEND))
        blocked("the peer's shutdown: %s", error_text(WSAGetLastError()));
}

static void takes_farewell(struct drive *d)
{
    static const char *const kinds[] = {"none", "disconnect", "confirmation"};
    struct farewell farewell = peer_takes_farewell(d->t, drive_peer(d, 1));

    json_member(d->answer, "farewell", kinds[farewell.kind]);
    drive_tell_data(d, farewell.data, farewell.size);
}

static void closes(struct drive *d)
{
    peer_closes(d->t, drive_peer(d, 1));
}

static void resets(struct drive *d)
{
    peer_resets(d->t, drive_peer(d, 1));
}

const struct drive_command drive_peers[] = {
    {"peer_listens", 0, make_listening},
    {"peer_is_silent", 0, make_silent},
    {"peer_accepts", 1, accepted},              /* LISTENING_PEER */
    {"peer_connects", 1, connects},             /* S */
    {"peer_turns_to", 2, turns_to},             /* PEER S */
    {"peer_is_connected", 1, is_connected},     /* PEER */
    {"peer_sends", 2, sends},                   /* PEER DATA */
    {"peer_tries_to_send", 2, tries_to_send},   /* PEER DATA */
    {"peer_receives", 2, receives},             /* PEER SIZE */
    {"peer_disconnects", 2, disconnects},       /* PEER DATA; ISO transport */
    {"peer_ends_sending", 1, ends_sending},     /* PEER; TCP */
    {"peer_takes_farewell", 1, takes_farewell}, /* PEER; ISO transport */
    {"peer_closes", 1, closes},                 /* PEER */
    {"peer_resets", 1, resets},                 /* PEER */
    {NULL, 0, NULL},
};
