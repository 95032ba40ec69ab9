"""Files and HLS streams that anybody can fetch at their address."""
