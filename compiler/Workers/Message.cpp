//===- Message.cpp - What the compiler and its workers say to each other --===//

#include "compiler/Workers/Message.h"

#include <cerrno>
#include <cstring>
#include <sys/socket.h>

namespace heddle::workers {

namespace {

/// No description and no object is longer; a length beyond it is none of ours.
constexpr uint64_t kMostBytes = uint64_t(1) << 31;

void putNumber(std::string &out, uint64_t number) {
  out.append(reinterpret_cast<const char *>(&number), sizeof(number));
}

void putText(std::string &out, llvm::StringRef text) {
  putNumber(out, text.size());
  out.append(text.data(), text.size());
}

bool takeNumber(llvm::StringRef &bytes, uint64_t &number) {
  if (bytes.size() < sizeof(number))
    return false;
  memcpy(&number, bytes.data(), sizeof(number));
  bytes = bytes.drop_front(sizeof(number));
  return true;
}

bool takeText(llvm::StringRef &bytes, std::string &text) {
  uint64_t size;
  if (!takeNumber(bytes, size) || bytes.size() < size)
    return false;
  text = bytes.take_front(size).str();
  bytes = bytes.drop_front(size);
  return true;
}

bool receiveExactly(int socket, char *data, size_t size) {
  while (size) {
    ssize_t got = recv(socket, data, size, 0);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return false;
    data += got;
    size -= size_t(got);
  }
  return true;
}

bool sendExactly(int socket, const char *data, size_t size) {
  while (size) {
    // The other end may be gone: an error here, not a signal.
    ssize_t sent = ::send(socket, data, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR)
      continue;
    if (sent < 0)
      return false;
    data += sent;
    size -= size_t(sent);
  }
  return true;
}

} // namespace

std::string pack(const Request &request) {
  std::string out;
  putText(out, request.text);
  putText(out, request.isa);
  putNumber(out, request.seconds);
  putNumber(out, request.megabytes);
  return out;
}

bool unpack(llvm::StringRef bytes, Request &request) {
  return takeText(bytes, request.text) && takeText(bytes, request.isa) &&
         takeNumber(bytes, request.seconds) && takeNumber(bytes, request.megabytes) &&
         bytes.empty();
}

std::string pack(const Reply &reply) {
  std::string out;
  putText(out, reply.failure);
  putText(out, reply.compiled.report);
  putText(out, llvm::StringRef(reinterpret_cast<const char *>(reply.compiled.object.data()),
                               reply.compiled.object.size()));
  return out;
}

bool unpack(llvm::StringRef bytes, Reply &reply) {
  std::string object;
  if (!takeText(bytes, reply.failure) || !takeText(bytes, reply.compiled.report) ||
      !takeText(bytes, object) || !bytes.empty())
    return false;
  reply.compiled.object.assign(object.begin(), object.end());
  return true;
}

bool send(int socket, llvm::StringRef bytes) {
  uint64_t size = bytes.size();
  return sendExactly(socket, reinterpret_cast<const char *>(&size), sizeof(size)) &&
         sendExactly(socket, bytes.data(), bytes.size());
}

bool receive(int socket, std::string &bytes) {
  uint64_t size;
  if (!receiveExactly(socket, reinterpret_cast<char *>(&size), sizeof(size)) || size > kMostBytes)
    return false;
  bytes.resize(size);
  return receiveExactly(socket, bytes.data(), size);
}

} // namespace heddle::workers
