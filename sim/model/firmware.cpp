// SPDX-License-Identifier: Apache-2.0
// Copyright The OpenChimney contributors
//
// The firmware image inside this object (firmware_image.S), as a file that $readmemh can open.
// Environment variable CHIM_FW_HEX names another image. Hard part: $readmemh takes a path only, so
// the bytes go into a nameless file whose path is this process's descriptor.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

#include "stepper.h"

extern "C" {
extern const char chim_firmware_start[];
extern const char chim_firmware_end[];
}

namespace chim {

FirmwareFile::FirmwareFile() {
  const char *other = std::getenv("CHIM_FW_HEX");
  if (other != nullptr) {
    path_ = other;
    return;
  }
  const char *at = chim_firmware_start;
  if (at == chim_firmware_end) return;  // a build without firmware
  fd_ = memfd_create("chim_fw.hex", MFD_CLOEXEC);
  while (fd_ >= 0 && at != chim_firmware_end) {
    const ssize_t n = write(fd_, at, static_cast<size_t>(chim_firmware_end - at));
    if (n <= 0) {
      close(fd_);
      fd_ = -1;
    } else {
      at += n;
    }
  }
  if (fd_ >= 0) path_ = "/proc/self/fd/" + std::to_string(fd_);
}

FirmwareFile::~FirmwareFile() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace chim
