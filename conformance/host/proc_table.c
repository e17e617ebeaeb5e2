#include "proc_table.h"

static const char *const names[PROC_TABLE_SLOTS] = {
    "WSPAccept",
    "WSPAddressToString",
    "WSPAsyncSelect",
    "WSPBind",
    "WSPCancelBlockingCall",
    "WSPCleanup",
    "WSPCloseSocket",
    "WSPConnect",
    "WSPDuplicateSocket",
    "WSPEnumNetworkEvents",
    "WSPEventSelect",
    "WSPGetOverlappedResult",
    "WSPGetPeerName",
    "WSPGetSockName",
    "WSPGetSockOpt",
    "WSPGetQOSByName",
    "WSPIoctl",
    "WSPJoinLeaf",
    "WSPListen",
    "WSPRecv",
    "WSPRecvDisconnect",
    "WSPRecvFrom",
    "WSPSelect",
    "WSPSend",
    "WSPSendDisconnect",
    "WSPSendTo",
    "WSPSetSockOpt",
    "WSPShutdown",
    "WSPSocket",
    "WSPStringToAddress",
};

const char *proc_table_name(size_t slot)
{
    return names[slot];
}
