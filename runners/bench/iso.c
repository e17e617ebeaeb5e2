/* ISO transport over TCP, with both ends the subject's; a subject that has none shows
 * what TCP does in its place. */
#include "bench.h"

#include <stdlib.h>
#include <wshisotp.h>

#define MESSAGE (8u << 10)

/* These also pay for what all share: threads, heaps, tables. */
#define WARM_UP 50

union name {
    struct sockaddr any;
    struct sockaddr_in inet;
    SOCKADDR_TP tp;
};

struct acceptor {
    const struct subject *subject;
    SOCKET listener;
    SOCKET *accepted;
    unsigned count;
};

struct reader {
    const struct subject *subject;
    SOCKET s;
    double bytes; /* to be read */
    double ended; /* when they were */
};

/* An NSAP for TCP (RFC 1277): the prefix, 127.0.0.1 and port 0 in decimal digits. */
static const unsigned char loopback[] = {
    0x54, 0x00, 0x72, 0x87, 0x22, 0x03, 0x12, 0x70, 0, 0, 0, 0x01, 0, 0, 0x0F};

static union name loopback_name(const struct subject *subject)
{
    union name name = {
        .inet = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)}};

    if (subject->speaks_iso) {
        name = (union name){.tp = {.tp_family = AF_ISO}};
        ISO_SET_TP_ADDR(&name.tp, loopback, 0, loopback, sizeof loopback);
    }
    return name;
}

static SOCKET
listen_at(const struct subject *subject, int type, union name *name, int *length)
{
    SOCKET s = subject_socket(subject, type);
    int error = 0;

    *name = loopback_name(subject);
    *length = sizeof *name;
    if (subject->table.lpWSPBind(s, &name->any, sizeof *name, &error) ||
        subject->table.lpWSPListen(s, SOMAXCONN, &error) ||
        subject->table.lpWSPGetSockName(s, &name->any, length, &error))
        give_up("a listener of the subject", error);
    return s;
}

static DWORD WINAPI accept_all(void *context)
{
    const struct acceptor *acceptor = context;

    for (unsigned i = 0; i < acceptor->count; i++)
        acceptor->accepted[i] = subject_accept(acceptor->subject, acceptor->listener);
    return 0;
}

static HANDLE start(LPTHREAD_START_ROUTINE routine, void *context)
{
    HANDLE thread = CreateThread(NULL, 0, routine, context, 0, NULL);

    if (!thread)
        give_up("CreateThread", (int)GetLastError());
    return thread;
}

static void join(HANDLE thread)
{
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
}

/* Makes `count` connections; another thread has to accept while a caller waits. */
static void connect_all(const struct subject *subject,
                        int type,
                        unsigned count,
                        SOCKET *called,
                        SOCKET *accepted)
{
    union name name;
    int length, error = 0;
    struct acceptor acceptor = {
        subject, listen_at(subject, type, &name, &length), accepted, count};
    HANDLE thread = start(accept_all, &acceptor);

    for (unsigned i = 0; i < count; i++) {
        called[i] = subject_socket(subject, type);
        if (subject->table.lpWSPConnect(
                called[i], &name.any, length, NULL, NULL, NULL, NULL, &error))
            give_up("WSPConnect", error);
    }
    join(thread);
    subject_close(subject, acceptor.listener);
}

static DWORD WINAPI read_all(void *context)
{
    static char buffer[64u << 10];
    struct reader *reader = context;

    while (reader->bytes > 0)
        reader->bytes -=
            subject_receive(reader->subject, reader->s, buffer, sizeof buffer);
    reader->ended = now();
    return 0;
}

double iso_throughput_round(const struct subject *subject,
                            const struct figure *figure,
                            unsigned count)
{
    static char message[MESSAGE];
    double bytes = count * (double)MESSAGE;
    struct reader reader = {.subject = subject, .bytes = bytes};
    SOCKET s;

    connect_all(subject, figure->type, 1, &s, &reader.s);
    HANDLE thread = start(read_all, &reader);
    double begun = now();
    for (unsigned i = 0; i < count; i++)
        subject_send(subject, s, message, sizeof message);
    join(thread);
    subject_close(subject, s);
    subject_close(subject, reader.s);
    return bytes / (reader.ended - begun);
}

double iso_idle_round(const struct subject *subject,
                      const struct figure *figure,
                      unsigned count)
{
    SOCKET called[WARM_UP], accepted[WARM_UP];
    SOCKET *crowd = allocate(2 * count, sizeof *crowd);

    for (unsigned i = 0; i < 2 * count; i++)
        crowd[i] = INVALID_SOCKET; /* the array's own pages do not count */
    connect_all(subject, figure->type, WARM_UP, called, accepted);
    double before = private_bytes();
    connect_all(subject, figure->type, count, crowd, crowd + count);
    double result = (private_bytes() - before) / (2.0 * count);

    for (unsigned i = 0; i < 2 * count; i++)
        subject_close(subject, crowd[i]);
    for (unsigned i = 0; i < WARM_UP; i++) {
        subject_close(subject, called[i]);
        subject_close(subject, accepted[i]);
    }
    free(crowd);
    return result;
}
