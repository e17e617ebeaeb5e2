/* The subject: loading it, and its functions in a form that cannot fail. */
#include "bench.h"
#include "plain_host.h"

#include <string.h>
#include <wshisotp.h>

static const DWORD stream_flags = XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER |
                                  XP1_GRACEFUL_CLOSE | XP1_EXPEDITED_DATA;
static const DWORD datagram_flags = XP1_CONNECTIONLESS | XP1_MESSAGE_ORIENTED;
static const DWORD iso_flags =
    XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER | XP1_MESSAGE_ORIENTED |
    XP1_GRACEFUL_CLOSE | XP1_CONNECT_DATA | XP1_DISCONNECT_DATA | XP1_PARTIAL_MESSAGE;

static WSAPROTOCOL_INFOW stream_entry;
static WSAPROTOCOL_INFOW datagram_entry;
static WSAPROTOCOL_INFOW iso_entry;
static WSAPROTOCOL_INFOW iso_stream_entry;

static WSAPROTOCOL_INFOW
entry(DWORD id, int type, int protocol, DWORD flags, DWORD message_size)
{
    WSAPROTOCOL_INFOW info = {
        .dwServiceFlags1 = flags,
        .dwCatalogEntryId = id,
        .iVersion = 2,
        .iAddressFamily = AF_INET,
        .iMaxSockAddr = sizeof(struct sockaddr_in),
        .iMinSockAddr = sizeof(struct sockaddr_in),
        .iSocketType = type,
        .iProtocol = protocol,
        .dwMessageSize = message_size,
        .szProtocol = L"benchmark",
    };

    info.ProtocolChain.ChainLen = BASE_PROTOCOL;
    return info;
}

static WSAPROTOCOL_INFOW entry_iso(DWORD id, int type, DWORD flags, DWORD message_size)
{
    WSAPROTOCOL_INFOW info = entry(id, type, ISOPROTO_TP2, flags, message_size);

    info.iAddressFamily = AF_ISO;
    info.iMaxSockAddr = info.iMinSockAddr = sizeof(SOCKADDR_TP);
    return info;
}

static SOCKET
make_socket(const struct subject *subject, WSAPROTOCOL_INFOW *info, int *error)
{
    return subject->table.lpWSPSocket(info->iAddressFamily,
                                      info->iSocketType,
                                      info->iProtocol,
                                      info,
                                      0,
                                      WSA_FLAG_OVERLAPPED,
                                      error);
}

static bool speaks_iso(const struct subject *subject)
{
    int error = 0;
    SOCKET s = make_socket(subject, &iso_entry, &error);

    if (s != INVALID_SOCKET)
        subject_close(subject, s);
    return s != INVALID_SOCKET;
}

static void start_provider(const char *path, WSPPROC_TABLE *table)
{
    WSPDATA data;
    HMODULE module = LoadLibraryA(path);

    if (!module)
        give_up("LoadLibrary", (int)GetLastError());
    LPWSPSTARTUP start = (LPWSPSTARTUP)(void *)GetProcAddress(module, "WSPStartup");
    if (!start)
        give_up("GetProcAddress(WSPStartup)", (int)GetLastError());
    int error =
        start(MAKEWORD(2, 2), &data, &stream_entry, plain_host_upcalls(), table);
    if (error)
        give_up("WSPStartup", error);
}

struct subject subject_load(const char *name)
{
    struct subject subject = {.name = name};
    WSADATA data;
    int error = WSAStartup(MAKEWORD(2, 2), &data);

    if (error)
        give_up("WSAStartup", error);
    stream_entry = entry(1001, SOCK_STREAM, IPPROTO_TCP, stream_flags, 0);
    datagram_entry = entry(1002, SOCK_DGRAM, IPPROTO_UDP, datagram_flags, 65507);
    iso_entry = entry_iso(1003, SOCK_SEQPACKET, iso_flags, 262144);
    iso_stream_entry = entry_iso(1004, SOCK_STREAM, iso_flags | XP1_PSEUDO_STREAM, 0);
    if (strcmp(name, "bare") == 0)
        bare_fill(&subject.table);
    else
        start_provider(name, &subject.table);
    subject.speaks_iso = speaks_iso(&subject);
    return subject;
}

void subject_unload(const struct subject *subject)
{
    int error = 0;

    if (subject->table.lpWSPCleanup(&error))
        give_up("WSPCleanup", error);
}

SOCKET subject_socket(const struct subject *subject, int type)
{
    WSAPROTOCOL_INFOW *info = &stream_entry;
    int error = 0;

    if (type == SOCK_DGRAM)
        info = &datagram_entry;
    else if (type != SOCK_STREAM && subject->speaks_iso)
        info = type == TYPE_ISO ? &iso_entry : &iso_stream_entry;

    SOCKET s = make_socket(subject, info, &error);

    if (s == INVALID_SOCKET)
        give_up("WSPSocket", error);
    return s;
}

SOCKET subject_accept(const struct subject *subject, SOCKET listener)
{
    int error = 0;
    SOCKET s = subject->table.lpWSPAccept(listener, NULL, NULL, NULL, 0, &error);

    if (s == INVALID_SOCKET)
        give_up("WSPAccept", error);
    return s;
}

void subject_connect(const struct subject *subject,
                     SOCKET s,
                     const struct sockaddr_in *name)
{
    int error = 0;

    if (subject->table.lpWSPConnect(s,
                                    (const struct sockaddr *)name,
                                    sizeof *name,
                                    NULL,
                                    NULL,
                                    NULL,
                                    NULL,
                                    &error))
        give_up("WSPConnect", error);
}

void subject_send(const struct subject *subject,
                  SOCKET s,
                  const char *data,
                  unsigned size)
{
    WSABUF buffer = {.len = size, .buf = (char *)data};
    DWORD sent = 0;
    int error = 0;

    if (subject->table.lpWSPSend(s, &buffer, 1, &sent, 0, NULL, NULL, NULL, &error))
        give_up("WSPSend", error);
    if (sent != size)
        give_up("WSPSend took a part only", 0);
}

unsigned
subject_receive(const struct subject *subject, SOCKET s, char *data, unsigned size)
{
    WSABUF buffer = {.len = size, .buf = data};
    DWORD received = 0, flags = 0;
    int error = 0;

    if (subject->table.lpWSPRecv(
            s, &buffer, 1, &received, &flags, NULL, NULL, NULL, &error))
        give_up("WSPRecv", error);
    if (received == 0)
        give_up("WSPRecv: the far end has closed", 0);
    return received;
}

void subject_close(const struct subject *subject, SOCKET s)
{
    int error = 0;

    if (subject->table.lpWSPCloseSocket(s, &error))
        give_up("WSPCloseSocket", error);
}

struct sockaddr_in subject_bind(const struct subject *subject, SOCKET s)
{
    struct sockaddr_in name = {
        .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    int length = sizeof name, error = 0;

    if (subject->table.lpWSPBind(s, (struct sockaddr *)&name, sizeof name, &error))
        give_up("WSPBind", error);
    if (subject->table.lpWSPGetSockName(s, (struct sockaddr *)&name, &length, &error))
        give_up("WSPGetSockName", error);
    return name;
}
