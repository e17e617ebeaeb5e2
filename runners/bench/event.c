/* What one network event costs while a crowd of connections is watched. */
#include "bench.h"

#include <stdlib.h>

struct watched {
    struct pair pair;
    WSAEVENT event;
};

static struct watched watch(const struct subject *subject, SOCKET listener)
{
    struct watched one = {
        .pair = connect_pair(subject, SOCK_STREAM, listener),
        .event = WSACreateEvent(),
    };
    int error = 0;

    if (one.event == WSA_INVALID_EVENT)
        give_up("WSACreateEvent", WSAGetLastError());
    if (subject->table.lpWSPEventSelect(
            one.pair.near_end, one.event, FD_READ | FD_CLOSE, &error))
        give_up("WSPEventSelect", error);
    return one;
}

/* From the far end's sending until the client has its byte. */
static double one_event(const struct subject *subject, const struct watched *one)
{
    WSANETWORKEVENTS events;
    int error = 0;
    char byte = 0;
    double start = now();

    if (send(one->pair.far_end, &byte, 1, 0) != 1)
        give_up("send at the far end", WSAGetLastError());
    if (WaitForSingleObject(one->event, 10000) != WAIT_OBJECT_0)
        give_up("no network event came", 0);
    if (subject->table.lpWSPEnumNetworkEvents(
            one->pair.near_end, one->event, &events, &error))
        give_up("WSPEnumNetworkEvents", error);
    if (!(events.lNetworkEvents & FD_READ))
        give_up("the network event was not FD_READ", (int)events.lNetworkEvents);
    subject_receive(subject, one->pair.near_end, &byte, 1);
    return now() - start;
}

double
event_round(const struct subject *subject, const struct figure *figure, unsigned count)
{
    struct sockaddr_in name;
    SOCKET listener = far_socket(SOCK_STREAM, &name);
    struct watched *crowd = allocate(figure->size, sizeof *crowd);
    double *times = allocate(count, sizeof *times);

    for (unsigned i = 0; i < figure->size; i++)
        crowd[i] = watch(subject, listener);
    /* The same few connections all the time, of all ages: what is measured is the
     * crowd, not how cold memory is that was not touched for long. */
    for (unsigned i = 0; i < count; i++)
        times[i] = one_event(subject, &crowd[i % 10 * (figure->size / 10)]);
    double result = median(times, count);

    for (unsigned i = 0; i < figure->size; i++) {
        close_pair(subject, crowd[i].pair);
        WSACloseEvent(crowd[i].event);
    }
    closesocket(listener);
    free(times);
    free(crowd);
    return result;
}
